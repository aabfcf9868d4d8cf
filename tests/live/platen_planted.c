/* SPDX-License-Identifier: Apache-2.0
 * For tests/live/test_signals.py: an agent with a planted fault. SIGHUP begins a reload in each
 * state, also while one is under way and while the agent stops. */
#define daemon_watch_signals sound_watch_signals
#include "engine/loop/daemon.c" /* NOLINT(bugprone-suspicious-include) */
#undef daemon_watch_signals

int daemon_watch_signals(struct daemon *d, struct loop *l) MUST_USE;

static void on_planted_signal(void *owner, int number)
{
	struct daemon *d = owner;
	if (number != SIGHUP) {
		on_signal(owner, number);
		return;
	}
	log_line(LOG_INFO, d->name, "signal=HUP state=%s next=reload", daemon_state_name(d->state));
	d->state = d->state == DAEMON_STOP ? DAEMON_STOP : DAEMON_RELOAD;
	d->actions.reload(d->owner);
}

int daemon_watch_signals(struct daemon *d, struct loop *l)
{
	loop_start_threads(l);
	for (int i = 0; i < WATCHED; i++) {
		int err = loop_signal_watch(l, watched[i].number, on_planted_signal, d);
		if (err < 0)
			return err;
	}
	/* Keeps the sound one in use. */
	return d == NULL ? sound_watch_signals(d, l) : 0;
}
