import createNextIntlPlugin from 'next-intl/plugin'

const withNextIntl = createNextIntlPlugin('./components/i18n/request.ts')

/** @type {import('next').NextConfig} */
const config = {
  // All that a build or the demo writes lies in one ignored folder.
  distDir: '.bindery/next',
  output: 'standalone',
  reactStrictMode: true,
  poweredByHeader: false,
  // `npm run types` checks all there is, tests included; a build would check a part of it once more.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['@kubernetes/client-node', 'pg', 'pino', 'undici'],
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
  // No picture is made smaller at run time; the optimiser would be a third of the image.
  images: { unoptimized: true },
  outputFileTracingExcludes: { '*': ['node_modules/sharp/**', 'node_modules/@img/**'] },
  experimental: { optimizePackageImports: ['radix-ui', 'lucide-react'] },
}

export default withNextIntl(config)
