/* What the loops of a step are made of. */

/* The turns of the loop behind it do not depend on each other. */
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* A nest of loops, compiled once however often it is called. Of a step in parts (`kernels/parting.py`) each part may call those of all. */
#ifdef __clang__
#define ONCE __attribute__((noinline))
#else
#define ONCE __attribute__((noinline, noclone))
#endif
#ifdef PARTED
#define NEST SHARED ONCE
#else
#define NEST static ONCE
#endif

/* How many samples the tile has: the last may have fewer. */
INLINE long rows_of(long tile, long size, long batch) { return batch - tile * size < size ? batch - tile * size : size; }

INLINE long least(long a, long b) { return a < b ? a : b; }
INLINE long most(long a, long b) { return a > b ? a : b; }

/* A place that the data name, kept inside its table whatever they say. */
INLINE long pick(long k, long size) { return k < 0 ? 0 : k >= size ? size - 1 : k; }

INLINE long floor_divide(long a, long b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

INLINE real real_square(real x) { return x * x; }
INLINE real real_cube(real x) { return x * x * x; }

/* Of a vector of samples: the sum, and the vector where only the first `count` samples are there. */
INLINE real sum_lanes(vec v) {
#ifdef LOWER
    EACH for (int n = 1; n < LANES; n *= 2) v = LOWER(v, v) + UPPER(v, v);
    return v[0];
#else
    real s[LANES];
    store(s, v);
    EACH for (int n = LANES / 2; n > 0; n /= 2) { EACH for (int l = 0; l < n; l++) s[l] += s[l + n]; }
    return s[0];
#endif
}
INLINE vec first_lanes(vec v, long count) {
    ints number;
    EACH for (int l = 0; l < LANES; l++) number[l] = l;
    return (vec)((ints)v & (number < (ints){0} + (integer)count));
}
