import type { Solution } from '#server/lab/demo-engine/solve/solution.ts'

type Program = {
  pattern: RegExp
  title: string
  idea: string
  cost: string
  trial: string
  code: string
}

/** The programs that the engine knows by heart, with what to look for in a request. */
const programs: readonly Program[] = [
  {
    pattern: /test cases|standard input|stdin/i,
    title: 'sums of test cases',
    idea: 'Read the number of test cases, then for each of them one line of numbers, and print its sum.',
    cost: '$O(L)$ time for $L$ characters of input.',
    trial: 'For 2 test cases `1 2` and `3 4 5` it prints 3 and 12.',
    code: `import sys


def sums(lines):
    """The sum of each test case: first their count, then a line of numbers for each."""
    count = int(lines[0]) if lines else 0
    return [sum(map(int, line.split())) for line in lines[1:count + 1]]


for total in sums(sys.stdin.read().splitlines()):
    print(total)`,
  },
  {
    pattern: /two[\s-]?sum/i,
    title: 'two sum',
    idea: 'While walking through the list, remember for each number where it stood. If the number that is missing to the target was seen before, the pair is found.',
    cost: '$O(n)$ time and $O(n)$ memory, against $O(n^2)$ for trying all pairs.',
    trial:
      'With `[2, 7, 11, 15]` and target 9: at index 0 nothing is known; at index 1 the missing number is $9 - 7 = 2$, seen at index 0. Result `(0, 1)`.',
    code: `def two_sum(numbers, target):
    """Indices of two numbers that add up to target, or None."""
    seen = {}
    for i, number in enumerate(numbers):
        if target - number in seen:
            return seen[target - number], i
        seen[number] = i
    return None


print(two_sum([2, 7, 11, 15], 9))  # (0, 1)`,
  },
  {
    pattern: /fibonacci/i,
    title: 'Fibonacci numbers',
    idea: 'Each number is the sum of the two before it. Two variables are enough; recursion without a memory would take exponential time.',
    cost: '$O(n)$ additions and two numbers of memory.',
    trial:
      'Starting from $(0, 1)$: $(1, 1), (1, 2), (2, 3), (3, 5), (5, 8)$, so `fibonacci(5)` is 5.',
    code: `def fibonacci(n):
    """The n-th Fibonacci number, with fibonacci(0) == 0."""
    if n < 0:
        raise ValueError("n must not be negative")
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


print([fibonacci(n) for n in range(10)])  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]`,
  },
  {
    pattern: /sieve|primes?\s+(up to|below|less)|list of primes|prime numbers/i,
    title: 'the sieve of Eratosthenes',
    idea: 'Start with all numbers marked as prime and strike out the multiples of each prime, from its square on: smaller multiples were struck out by smaller primes.',
    cost: '$O(n \\log\\log n)$ time and $n$ bytes.',
    trial: 'For 10: 2 strikes out 4, 6, 8, 10; 3 strikes out 9; $4^2 > 10$, so 2, 3, 5, 7 stay.',
    code: `def primes_up_to(n):
    """All primes p <= n, ascending."""
    if n < 2:
        return []
    is_prime = bytearray([1]) * (n + 1)
    is_prime[0] = is_prime[1] = 0
    p = 2
    while p * p <= n:
        if is_prime[p]:
            for multiple in range(p * p, n + 1, p):
                is_prime[multiple] = 0
        p += 1
    return [i for i in range(n + 1) if is_prime[i]]


print(primes_up_to(30))  # [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]`,
  },
  {
    pattern: /is[_\s-]?prime|prim(e|ality)/i,
    title: 'a primality test',
    idea: 'A composite number has a divisor up to its square root, and after 2 and 3 only numbers of the form $6k \\pm 1$ need to be tried.',
    cost: '$O(\\sqrt{n})$ divisions.',
    trial: 'For 49: not divisible by 2 or 3; 5 fails, 7 divides. Not prime.',
    code: `def is_prime(n):
    """Whether n is prime, by trial division."""
    if n < 2:
        return False
    if n in (2, 3):
        return True
    if n % 2 == 0 or n % 3 == 0:
        return False
    d = 5
    while d * d <= n:
        if n % d == 0 or n % (d + 2) == 0:
            return False
        d += 6
    return True


print([n for n in range(50) if is_prime(n)])`,
  },
  {
    pattern: /gcd|greatest common|euclid/i,
    title: "Euclid's algorithm",
    idea: 'A common divisor of $a$ and $b$ also divides the remainder of $a$ by $b$. So replace the pair by $(b, a \\bmod b)$ until the second is zero.',
    cost: '$O(\\log \\min(a, b))$ divisions.',
    trial: '$(84, 36) \\to (36, 12) \\to (12, 0)$: the answer is 12.',
    code: `def gcd(a, b):
    """The greatest common divisor, never negative."""
    while b:
        a, b = b, a % b
    return abs(a)


print(gcd(84, 36))  # 12`,
  },
  {
    pattern: /binary search/i,
    title: 'binary search',
    idea: 'Keep the half-open range in which the target can still stand, and halve it by comparing with the middle.',
    cost: '$O(\\log n)$ comparisons.',
    trial:
      'In `[1, 3, 5, 7, 9]` for 7: the middle 5 is too small, the range becomes 3 to 5; the middle 9 is too large, the range becomes 3 to 4; index 3 holds 7.',
    code: `def binary_search(items, target):
    """The index of target in a sorted list, or -1."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < target:
            low = middle + 1
        else:
            high = middle
    if low < len(items) and items[low] == target:
        return low
    return -1


print(binary_search([1, 3, 5, 7, 9], 7))  # 3`,
  },
  {
    pattern: /factorial/i,
    title: 'the factorial',
    idea: 'Multiply the numbers from 2 to $n$; the empty product is 1, so $0! = 1$ needs no special case.',
    cost: '$O(n)$ multiplications.',
    trial: '$5! = 2 \\cdot 3 \\cdot 4 \\cdot 5 = 120$.',
    code: `def factorial(n):
    """n! for n >= 0."""
    if n < 0:
        raise ValueError("n must not be negative")
    product = 1
    for k in range(2, n + 1):
        product *= k
    return product


print(factorial(5))  # 120`,
  },
  {
    pattern: /palindrome/i,
    title: 'a palindrome test',
    idea: 'Keep letters and digits only, in lower case, and compare the text with its reverse.',
    cost: '$O(n)$ time.',
    trial: '"A man, a plan" becomes `amanaplan`, whose reverse is `nalpanama`: no palindrome.',
    code: `def is_palindrome(text):
    """Whether text reads the same backwards; case and punctuation do not count."""
    letters = [c.lower() for c in text if c.isalnum()]
    return letters == letters[::-1]


print(is_palindrome("A man, a plan, a canal: Panama"))  # True`,
  },
  {
    pattern: /merge\s*sort|(?<!quick|bubble|insertion|heap|radix|shell|bucket|topological)\s+sort/i,
    title: 'merge sort',
    idea: 'Sort both halves, then merge them: always take the smaller of the two first items. Taking the left one on a tie keeps the order of equals.',
    cost: '$O(n \\log n)$ comparisons, $O(n)$ memory, stable.',
    trial: '`[3, 1, 2]` splits into `[3]` and `[1, 2]`; merging takes 1, 2, then 3.',
    code: `def merge_sort(items):
    """A new list with the items in ascending order."""
    if len(items) <= 1:
        return list(items)
    middle = len(items) // 2
    left = merge_sort(items[:middle])
    right = merge_sort(items[middle:])
    merged = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    return merged + left[i:] + right[j:]


print(merge_sort([5, 2, 4, 6, 1, 3]))  # [1, 2, 3, 4, 5, 6]`,
  },
]

const requestWords = new Set(
  `write a an the please give me us show can could you i we need want python program programs programme code function
  script implement implementation of for in that which to with using and algorithm simple short efficient named called
  leetcode two sum binary search sieve eratosthenes fibonacci sequence numbers number primality prime primes test check
  checks is if whether gcd greatest common divisor euclid euclidean factorial palindrome merge sort sorting list sorted
  array string integer integers up below less than n all reads standard input stdin prints output cases lines line
  s its first then explain how works solution problem solve computes compute finds find returns return`.split(
    /\s+/,
  ),
)

/** Words that make it another program than the one that is known by heart. */
function asksForMore(request: string, { pattern }: Program): boolean {
  const words =
    request
      .replace(pattern, ' ')
      .toLowerCase()
      .match(/[a-z]{2,}/g) ?? []
  const stdin = pattern.source.includes('stdin')
  return !stdin && words.some((word) => !requestWords.has(word))
}

/** Every program by title, for those who want to run them. */
export function knownPrograms(): { title: string; code: string }[] {
  return programs.map(({ title, code }) => ({ title, code }))
}

/** The program that a request names, as a solution; undefined for a request that asks for none, or for one that is unknown. */
export function programFor(request: string): Solution | undefined {
  const asks = /\b(python|programs?|code|function|implement|algorithm|script)\b|leetcode/i.test(
    request,
  )
  const named = /two[\s-]?sum|binary search|sieve of|fibonacci (function|sequence in)/i.test(
    request,
  )
  const program = asks || named ? programs.find(({ pattern }) => pattern.test(request)) : undefined
  if (!program || asksForMore(request, program)) return undefined
  return {
    task: `write a Python program for ${program.title}`,
    thinking: [program.idea, `The cost is ${program.cost}`],
    check: [`I trace it by hand. ${program.trial}`],
    answer: [
      `Here is ${program.title} in Python. ${program.idea}`,
      `\`\`\`python\n${program.code}\n\`\`\``,
      `Complexity: ${program.cost}`,
    ],
  }
}
