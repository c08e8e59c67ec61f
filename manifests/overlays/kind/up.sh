#!/usr/bin/env bash
# From nothing to the story on a cluster of kind (0.26 or later: Kubernetes 1.32, and a network that enforces
# NetworkPolicies). Needs docker, kind, kubectl, openssl, node. Run it again after a change: everything in it may be done
# twice; an image that is built anew is then taken by the restarts at the end, and what was changed by hand is put back.
# The engine comes with the overlay: start-vibethinker-service needs a registry and cosign's key besides (see
# INSTALL.md). `kind delete cluster --name bindery` takes all of it away.
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=manifests/overlays/kind
tekton=${TEKTON_RELEASE:-https://infra.tekton.dev/tekton-releases/pipeline/previous/v1.15.0/release.yaml}

for tool in docker kind kubectl openssl node; do
  command -v "$tool" >/dev/null || { echo "up.sh needs $tool." >&2; exit 1; }
done

[ -d node_modules ] || npm ci

kind get clusters 2>/dev/null | grep -x bindery >/dev/null || kind create cluster --config "$here/cluster.yaml" --wait 120s
kubectl config use-context kind-bindery
minor=$(kubectl get --raw /version | node -p 'parseInt(JSON.parse(fs.readFileSync(0, "utf8")).minor)')
[ "$minor" -ge 32 ] || { echo "This cluster is Kubernetes 1.$minor; Bindery needs 1.32 or later." >&2; exit 1; }

docker build -f manifests/image/Dockerfile -t localhost/bindery:dev --target bindery .
docker build -f manifests/image/Dockerfile -t localhost/bindery-demo-engine:dev --target demo-engine .
kind load docker-image --name bindery localhost/bindery:dev localhost/bindery-demo-engine:dev

# By force: the second time the flag below is no longer as Tekton's own manifest has it.
kubectl apply --server-side --force-conflicts -f "$tekton"
kubectl -n tekton-pipelines patch configmap feature-flags --type merge -p '{"data":{"set-security-context":"true"}}'
kubectl -n tekton-pipelines wait deployment --all --for=condition=Available --timeout=300s

secret() { # namespace name key=value…: made once, then left as it is
  local namespace=$1 name=$2
  shift 2
  kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace"
  kubectl -n "$namespace" get secret "$name" >/dev/null 2>&1 ||
    kubectl -n "$namespace" create secret generic "$name" "${@/#/--from-literal=}"
}

secret bindery-data postgres "password=$(openssl rand -hex 24)"
password=$(kubectl -n bindery-data get secret postgres -o jsonpath='{.data.password}' | base64 -d)
for namespace in bindery-system model-serving-prod; do
  secret "$namespace" bindery-database "DATABASE_URL=postgres://bindery:$password@postgres.bindery-data.svc:5432/bindery"
done
secret bindery-system bindery-web NEXTAUTH_URL=http://localhost:3000 "NEXTAUTH_SECRET=$(openssl rand -base64 48)" \
  "DEMO_PEOPLE=$(node --import tsx -e "import('./server/lab/demo/people.ts').then(({ people }) => console.log(JSON.stringify(people)))")"
if ! kubectl -n model-serving-prod get secret bindery-receipt-key >/dev/null 2>&1; then
  key=$(mktemp)
  openssl genpkey -algorithm ed25519 -out "$key"
  kubectl -n model-serving-prod create secret generic bindery-receipt-key --from-file="ed25519.pem=$key"
  kubectl -n model-serving-prod create configmap bindery-receipt-keys --from-literal="current.pem=$(openssl pkey -in "$key" -pubout)"
  rm -f "$key"
fi

kubectl apply --server-side -k manifests/crds
kubectl wait crd/modelservices.bindery.dev crd/modelbindings.bindery.dev --for=condition=Established --timeout=60s
overlay() { kubectl apply --server-side --force-conflicts -k "$here"; }
overlay || overlay # Tekton's webhook is available a moment before everybody knows its address
# The images have the tags that they had: pods that run do not notice new ones by themselves.
kubectl -n bindery-system rollout restart deployment
kubectl -n model-serving-prod rollout restart deployment
for deployment in bindery-system/bindery-web bindery-system/bindery-controller model-serving-prod/bindery-gateway \
  model-serving-prod/vibethinker-app; do
  kubectl -n "${deployment%/*}" rollout status "deployment/${deployment#*/}" --timeout=300s
done
echo "Bindery is at http://localhost:3000"
