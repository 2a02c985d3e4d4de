/* Runs one of the generated steps on buffers of their own, each exactly as large as the plan says: what is read or written beside
   one is found, where in the arena of a net its neighbour would be met.

   On standard input, as longs: the step's number, how many buffers, sizes and keys there are, the threads, the bytes of a thread's
   own space; the sizes; of each buffer its bytes and whether each thread has one; then the keys and the buffers. First one thread
   runs the step, whose own buffers end where they should; then all do. With UPDATE the last seven buffers are those that the update
   works on, and behind them stands what it is told. */

#include <stdio.h>
#include <stdlib.h>

static void get(void *to, size_t bytes) {
    if (bytes && fread(to, 1, bytes, stdin) != bytes) exit(3);
}

int main(void) {
    long head[6];
    get(head, sizeof head);
    long buffers = head[1], threads = head[4], own = head[5];
    long *sizes = malloc((size_t)head[2] * sizeof(long)), *about = malloc((size_t)buffers * 2 * sizeof(long));
    uint64_t *keys = malloc((size_t)head[3] * sizeof(uint64_t));
    void **at = malloc((size_t)buffers * sizeof(void *));
    get(sizes, (size_t)head[2] * sizeof(long));
    get(about, (size_t)buffers * 2 * sizeof(long));
    get(keys, (size_t)head[3] * sizeof(uint64_t));
    for (long k = 0; k < buffers; k++) {
        if (posix_memalign(&at[k], 64, (size_t)about[2 * k])) exit(3);
        get(at[k], (size_t)about[2 * k]);
    }
    struct update *update = 0;
#ifdef UPDATE
    struct update told;
    get(&told, sizeof told);
    void **last = at + buffers - 7;
    for (int k = 0; k < 7; k++)
        if (!about[2 * (buffers - 7 + k)]) free(last[k]), last[k] = 0;
    told.parameters = last[0], told.gradients = last[1], told.slots[0] = last[2], told.slots[1] = last[3];
    told.scale = last[4], told.groups = last[5], told.limits = last[6], update = &told;
#endif
    sizes[0] = 0;
    steps[head[0]](at, sizes, keys, 1, update);
    sizes[0] = own;
    for (long k = 0; k < buffers; k++)
        if (about[2 * k + 1]) {
            free(at[k]);
            if (posix_memalign(&at[k], 64, (size_t)(about[2 * k] + (threads - 1) * own))) exit(3);
        }
    steps[head[0]](at, sizes, keys, (int)threads, update);
    for (long k = 0; k < buffers; k++) free(at[k]);
    free(at), free(sizes), free(about), free(keys);
    return 0;
}
