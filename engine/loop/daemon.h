/* SPDX-License-Identifier: Apache-2.0
 * The life of a daemon: start, run, reload, stop. One enum holds the state, one table says what
 * each event does in each state, and daemon_event is the only function that moves it. The owner
 * gives the actions and reports when the work that they begin has ended.
 *
 * A reload that is wanted while the daemon starts or reloads follows once, whatever the number of
 * requests. Once it stops, only a dump of its state is still done. */
#ifndef PLATEN_LOOP_DAEMON_H
#define PLATEN_LOOP_DAEMON_H

#include "engine/loop/loop.h"

enum daemon_state {
	DAEMON_START,        /* until DAEMON_STARTED */
	DAEMON_START_RELOAD, /* the same, and a reload follows */
	DAEMON_RUN,
	DAEMON_RELOAD,       /* until DAEMON_RELOADED */
	DAEMON_RELOAD_AGAIN, /* the same, and another reload follows */
	DAEMON_STOP,         /* until the loop has ended */
	DAEMON_STATES
};

enum daemon_event {
	DAEMON_WANTS_RELOAD, /* SIGHUP */
	DAEMON_WANTS_STOP,   /* SIGTERM, SIGINT, or the owner's own wish */
	DAEMON_WANTS_DUMP,   /* SIGUSR1 */
	DAEMON_STARTED,
	DAEMON_RELOADED, /* the configuration was accepted or refused */
	DAEMON_EVENTS
};

/* Each may call daemon_event again. */
struct daemon_actions {
	void (*reload)(void *owner); /* DAEMON_RELOAD has begun */
	void (*stop)(void *owner);   /* DAEMON_STOP has begun; called once */
	void (*dump)(void *owner);   /* writes the owner's state as log lines of level info */
};

/* Embedded in its owner. All zero is DAEMON_START. */
struct daemon {
	enum daemon_state state;
	const char *name; /* "agent", "hub": the log's mod */
	struct daemon_actions actions;
	void *owner;
};

void daemon_init(
	struct daemon *d, const char *name, const struct daemon_actions *actions, void *owner);

void daemon_event(struct daemon *d, enum daemon_event event);

static inline bool daemon_is_stopping(const struct daemon *d)
{
	return d->state == DAEMON_STOP;
}

static inline bool daemon_is_starting(const struct daemon *d)
{
	return d->state == DAEMON_START || d->state == DAEMON_START_RELOAD;
}

/* "start", "run", "reload" or "stop". */
const char *daemon_state_name(enum daemon_state state);

/* First thing in the program, before any thread: blocks the signals that daemon_watch_signals
 * receives, so that they wait until then, and ignores SIGPIPE, SIGUSR2 and SIGXFSZ (a file beyond
 * RLIMIT_FSIZE then is a write that fails, as on a full disk). */
void daemon_hold_signals(void);

/* From now on SIGHUP, SIGTERM, SIGINT and SIGUSR1 are events. */
int daemon_watch_signals(struct daemon *d, struct loop *l) MUST_USE;

/* No more events of signals: they are blocked again, as their default actions would end the process
 * in the middle of closing. */
void daemon_close_signals(struct loop *l);

#endif
