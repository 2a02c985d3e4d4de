/* A team of threads that stays: it spins for some microseconds after a run, then sleeps until the next. */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

enum { TEAM_MOST = 255 };

static struct {
    pthread_mutex_t turn, lock; /* one run at a time; the lock guards the sleep */
    pthread_cond_t wake;
    atomic_ulong round; /* counts runs in the upper bits; the lower eight are the threads of this run */
    atomic_int working, arrived, phase;
    int workers, prepared;
    void (*body)(int id, int threads, void *context);
    void *context;
} team = {.turn = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* Spins, then gives the core away: other programs may need it for the thread that is waited for. */
INLINE void team_wait(int *spins) {
    if (++*spins < SPINS) rest();
    else sched_yield();
}

/* Every thread of a run calls it the same number of times; none goes on before all have come. */
LOCAL void team_barrier(int threads) {
    int phase = atomic_load_explicit(&team.phase, memory_order_relaxed), spins = 0;
    if (threads < 2) return;
    if (atomic_fetch_add(&team.arrived, 1) == threads - 1) {
        atomic_store_explicit(&team.arrived, 0, memory_order_relaxed);
        atomic_store(&team.phase, phase + 1);
        return;
    }
    while (atomic_load_explicit(&team.phase, memory_order_acquire) == phase) team_wait(&spins);
}

LOCAL unsigned long team_next(unsigned long seen) {
    unsigned long round;
    for (int spins = 0; spins < 4 * SPINS; spins++, rest())
        if ((round = atomic_load_explicit(&team.round, memory_order_acquire)) != seen) return round;
    pthread_mutex_lock(&team.lock);
    while ((round = atomic_load(&team.round)) == seen) pthread_cond_wait(&team.wake, &team.lock);
    pthread_mutex_unlock(&team.lock);
    return round;
}

LOCAL void *team_worker(void *argument) {
    int id = (int)(intptr_t)argument;
    unsigned long seen = 0; /* a run before this worker had fewer threads than its number asks for */
    flush_denormals();
    for (;;) {
        seen = team_next(seen);
        int threads = (int)(seen & 255);
        if (id >= threads) continue;
        team.body(id, threads, team.context);
        atomic_fetch_sub_explicit(&team.working, 1, memory_order_release);
    }
    return 0;
}

/* After a fork the child has no workers and owns no lock. */
LOCAL void team_forked(void) {
    pthread_mutex_init(&team.turn, 0);
    pthread_mutex_init(&team.lock, 0);
    pthread_cond_init(&team.wake, 0);
    team.workers = 0;
    atomic_store(&team.round, 0); /* a new worker must not take the parent's last run for one of its own */
    atomic_store(&team.arrived, 0);
    atomic_store(&team.working, 0);
}

/* Starts workers until there are enough; answers how many threads there are now. Signals stay with the caller's thread. */
LOCAL int team_grow(int threads) {
    sigset_t all, old;
    if (!team.prepared) pthread_atfork(0, 0, team_forked), team.prepared = 1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (pthread_t made; team.workers + 1 < threads; team.workers++)
        if (pthread_create(&made, 0, team_worker, (void *)(intptr_t)(team.workers + 1))) break;
        else pthread_detach(made);
    pthread_sigmask(SIG_SETMASK, &old, 0);
    return team.workers + 1 < threads ? team.workers + 1 : threads;
}

/* Runs body(id, threads, context) once for each id, 0 on the caller's own thread; fewer threads where the system has no more. */
LOCAL void team_run(void (*body)(int id, int threads, void *context), int threads, void *context) {
    uint64_t floating = flush_denormals();
    pthread_mutex_lock(&team.turn);
    threads = threads > TEAM_MOST ? TEAM_MOST : threads;
    if (threads > 1) threads = team_grow(threads);
    if (threads > 1) {
        team.body = body, team.context = context;
        atomic_store(&team.working, threads - 1);
        pthread_mutex_lock(&team.lock);
        atomic_store(&team.round, ((team.round >> 8) + 1) << 8 | (unsigned long)threads);
        pthread_cond_broadcast(&team.wake);
        pthread_mutex_unlock(&team.lock);
    }
    body(0, threads > 1 ? threads : 1, context);
    for (int spins = 0; threads > 1 && atomic_load_explicit(&team.working, memory_order_acquire);) team_wait(&spins);
    pthread_mutex_unlock(&team.turn);
    restore_denormals(floating);
}
