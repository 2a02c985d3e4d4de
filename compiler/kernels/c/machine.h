/* What differs between machines: vector length, register tiles, the pause of a spinning thread, denormal numbers. */

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LOCAL static __attribute__((unused))
#define INLINE static inline __attribute__((unused, always_inline))
#define EACH _Pragma("GCC unroll 16") /* the loop behind it is unrolled whole: its counter then names a register */

#if REAL_BITS == 64
typedef double real;
typedef uint64_t bits;
typedef int64_t integer;
#else
typedef float real;
typedef uint32_t bits;
typedef int32_t integer;
#endif

/* A register tile of a product is TILE_ROWS rows of two vectors: with a vector of B and a number of A it fills the registers. */
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
enum { TILE_ROWS = 13 };
#elif defined(__AVX__)
#define VECTOR_BYTES 32
enum { TILE_ROWS = 6 };
#elif defined(__aarch64__)
#define VECTOR_BYTES 16
enum { TILE_ROWS = 12 };
#else
#define VECTOR_BYTES 16
enum { TILE_ROWS = 6 };
#endif
#define LANES (VECTOR_BYTES * 8 / REAL_BITS)

typedef real vec __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef integer ints __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef real vecu __attribute__((vector_size(VECTOR_BYTES), may_alias, aligned(sizeof(real)))); /* at any element */

typedef real half __attribute__((vector_size(VECTOR_BYTES / 2), may_alias, aligned(sizeof(real))));

INLINE vec load(const real *p) { return *(const vecu *)p; }
INLINE void store(real *p, vec v) { *(vecu *)p = v; }

/* The numbers of two vectors in turn: those of their lower halves, those of their upper halves. */
#ifdef __has_builtin
#if __has_builtin(__builtin_shufflevector)
#if LANES == 16
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define UPPER(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif LANES == 8
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define UPPER(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#elif LANES == 4
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define UPPER(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#elif LANES == 2
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 2)
#define UPPER(a, b) __builtin_shufflevector(a, b, 1, 3)
#endif
#endif
#endif

/* A spinning thread looks SPINS times, some tens of microseconds, before it yields or sleeps. */
#if defined(__x86_64__)
enum { SPINS = 2000 };
INLINE void rest(void) { __builtin_ia32_pause(); }
#elif defined(__aarch64__)
enum { SPINS = 2000 };
INLINE void rest(void) { __asm__ volatile("isb" ::: "memory"); }
#else
enum { SPINS = 20000 };
INLINE void rest(void) { __asm__ volatile("" ::: "memory"); }
#endif

/* Denormal numbers cost a hundred cycles each and mean nothing to a net: they count as zero inside a step. Returns what to restore. */
#if defined(__x86_64__)
INLINE uint64_t flush_denormals(void) {
    unsigned old = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(old | 0x8040);
    return old;
}
INLINE void restore_denormals(uint64_t old) { __builtin_ia32_ldmxcsr((unsigned)old); }
#elif defined(__aarch64__)
INLINE uint64_t flush_denormals(void) {
    uint64_t old;
    __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    __asm__ volatile("msr fpcr, %0" ::"r"(old | (UINT64_C(1) << 24)));
    return old;
}
INLINE void restore_denormals(uint64_t old) { __asm__ volatile("msr fpcr, %0" ::"r"(old)); }
#else
INLINE uint64_t flush_denormals(void) { return 0; }
INLINE void restore_denormals(uint64_t old) { (void)old; }
#endif
