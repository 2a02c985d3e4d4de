/* The products that steps call. They are no part of a step's own file, but of one that is compiled once for a machine. */

#define SHARED __attribute__((visibility("hidden"))) /* between the files of one library */

enum {
    PANEL = 2 * LANES,
    DEPTH = 256, /* rows of a panel that stay in the first cache: 32 KiB at most */
    BLOCK = 260, /* rows of A that stay in the second cache */
    GEMM_BUFFER = DEPTH * PANEL + BLOCK * (DEPTH + LANES),
};

/* C[i,j] (+)= sum over k of A[i,k] B[k,j]; `buffer` is the thread's own, of GEMM_BUFFER reals. */
SHARED void gemm(long M, long N, long K, const real *A, long ars, long acs, const real *B, long brs, long bcs, real *C, long crs,
                long ccs, int acc, real *buffer);

extern SHARED _Thread_local real scratch[]; /* such a buffer */

/* B in panels: written by the threads together, to packed_size(K, N) reals, and read by every thread. */
SHARED void pack(long K, long N, const real *B, long brs, long bcs, real *P, int part, int parts);
SHARED void gemm_packed(long M, long N, long K, const real *A, long ars, long acs, const real *P, real *C, long crs, long ccs,
                       int acc);

enum { STAIR = 32, BY_ROWS = 0, BY_COLUMNS = 1, BY_INNER = 2 };

/* A number x of `bounded` counts beside y of `by` where x <= (y | STAIR - 1) + shift: up to the end of the block. */
typedef struct {
    int bounded, by;
    long shift;
} within;

SHARED void gemm_within(within w, long M, long N, long K, const real *A, long ars, long acs, const real *B, long brs, long bcs, real *C,
                       long crs, long ccs, int acc, real *buffer);

enum { AXES = 8 };

/* Axes of which one runs inside the other, the last fastest, and how far apart their points lie in two arrays.
   `grain` neighbours belong to one thread: others might write the same elements of C. */
struct axes {
    long count, grain;
    struct {
        long size, step[2];
    } of[AXES];
};

SHARED void contract(const struct axes *rows, const struct axes *columns, const struct axes *inner, const real *A, const real *B,
                     real *C, int acc, int id, int threads);
