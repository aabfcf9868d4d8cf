/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/daemon.h"

#include "proto/base/log.h"

#include <signal.h>
#include <stdlib.h>

/* The events that change the state beside DAEMON_WANTS_STOP. In every other state an event changes
 * nothing. */
static const struct {
	enum daemon_state from;
	enum daemon_event event;
	enum daemon_state to;
} moves[] = {
	{DAEMON_START, DAEMON_WANTS_RELOAD, DAEMON_START_RELOAD},
	{DAEMON_START, DAEMON_STARTED, DAEMON_RUN},
	{DAEMON_START_RELOAD, DAEMON_STARTED, DAEMON_RELOAD},
	{DAEMON_RUN, DAEMON_WANTS_RELOAD, DAEMON_RELOAD},
	{DAEMON_RELOAD, DAEMON_WANTS_RELOAD, DAEMON_RELOAD_AGAIN},
	{DAEMON_RELOAD, DAEMON_RELOADED, DAEMON_RUN},
	{DAEMON_RELOAD_AGAIN, DAEMON_RELOADED, DAEMON_RELOAD},
};

static enum daemon_state next_state(enum daemon_state from, enum daemon_event event)
{
	if (event == DAEMON_WANTS_STOP)
		return DAEMON_STOP;
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		if (moves[i].from == from && moves[i].event == event)
			return moves[i].to;
	}
	return from;
}

const char *daemon_state_name(enum daemon_state state)
{
	static const char *const names[DAEMON_STATES] = {[DAEMON_START] = "start",
		[DAEMON_START_RELOAD] = "start",
		[DAEMON_RUN] = "run",
		[DAEMON_RELOAD] = "reload",
		[DAEMON_RELOAD_AGAIN] = "reload",
		[DAEMON_STOP] = "stop"};
	return names[state];
}

void daemon_init(
	struct daemon *d, const char *name, const struct daemon_actions *actions, void *owner)
{
	*d = (struct daemon){
		.state = DAEMON_START, .name = name, .actions = *actions, .owner = owner};
}

/* It was requested: it is written whatever log.level is. */
static void dump(struct daemon *d)
{
	enum log_level level = LOG_ERROR;
	while (level < LOG_DEBUG && log_is_on(level + 1))
		level++;
	if (level < LOG_INFO)
		log_set_level(LOG_INFO);
	d->actions.dump(d->owner);
	log_set_level(level);
}

void daemon_event(struct daemon *d, enum daemon_event event)
{
	enum daemon_state before = d->state;
	d->state = next_state(before, event);
	if (event == DAEMON_WANTS_DUMP)
		dump(d);
	if (d->state == before)
		return;
	if (d->state == DAEMON_RELOAD)
		d->actions.reload(d->owner);
	else if (d->state == DAEMON_STOP)
		d->actions.stop(d->owner);
}

/* ---- signals ------------------------------------------------------------------------------ */

static const struct daemon_signal {
	int number;
	enum daemon_event event;
	const char *name;
} watched[] = {
	{SIGHUP, DAEMON_WANTS_RELOAD, "HUP"},
	{SIGINT, DAEMON_WANTS_STOP, "INT"},
	{SIGTERM, DAEMON_WANTS_STOP, "TERM"},
	{SIGUSR1, DAEMON_WANTS_DUMP, "USR1"},
};

enum { WATCHED = sizeof watched / sizeof watched[0] };

static void on_signal(void *owner, int number)
{
	struct daemon *d = owner;
	const struct daemon_signal *s = watched;
	while (s->number != number)
		s++;
	log_line(LOG_INFO, d->name, "signal=%s state=%s next=%s", s->name,
		daemon_state_name(d->state), daemon_state_name(next_state(d->state, s->event)));
	daemon_event(d, s->event);
}

void daemon_hold_signals(void)
{
	sigset_t held;
	(void)sigemptyset(&held);
	for (int i = 0; i < WATCHED; i++)
		(void)sigaddset(&held, watched[i].number);
	/* Neither can fail with these arguments. A peer that closes is an error of its write;
	 * SIGUSR2 has no meaning, and its default action would end the daemon. */
	if (sigprocmask(SIG_BLOCK, &held, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
		signal(SIGXFSZ, SIG_IGN) == SIG_ERR || signal(SIGUSR2, SIG_IGN) == SIG_ERR)
		abort();
}

int daemon_watch_signals(struct daemon *d, struct loop *l)
{
	loop_start_threads(
		l); /* with all of them blocked, so that only this thread receives them */
	for (int i = 0; i < WATCHED; i++) {
		int err = loop_signal_watch(l, watched[i].number, on_signal, d);
		if (err < 0)
			return err;
	}
	return 0;
}

void daemon_close_signals(struct loop *l)
{
	daemon_hold_signals();
	loop_signals_close(l);
}
