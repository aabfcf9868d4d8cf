/* SPDX-License-Identifier: Apache-2.0
 * The agent's control socket. Its own verbs reach the running daemon by it: no figure of it depends
 * on the state directory's disk, which may be full, read-only or failing. */
#include "engine/agent/agent_internal.h"

#include "engine/cli/cli.h"
#include "proto/base/str.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void respond_status(struct agent *a, struct ctl_session *s)
{
	struct agent_status now;
	struct buf b;
	struct writer w;
	if (a->fleet == NULL) {
		ctl_respond(s, false, "the agent is ending");
		return;
	}
	agent_status_collect(a, &now);
	buf_open(&b, LIMIT_CTL_LINE);
	writer_open(&w, &b);
	status_json(&w, &now, true);
	writer_char(&w, '\0');
	int err = writer_close(&w);
	ctl_respond(s, err == 0, err == 0 ? (const char *)b.data : err_text(err));
	buf_close(&b);
}

/* The value of {"ok":...} is a line of its own; the verb ends with its exit_code. */
static void respond_sync(struct ctl_session *s, int err, const struct uplink_summary *u)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {{"batches", u->batches}, {"records", u->records},
		{"duplicates", u->duplicates}, {"rejected", u->rejected}, {"retries", u->retries},
		{"sent_bytes", u->sent_bytes}, {"took_ms", u->ended_at_ms - u->started_at_ms},
		{"exit_code", (uint64_t)cli_exit_of(err)}};
	enum { NUMBERS = sizeof numbers / sizeof numbers[0] };
	char digits[NUMBERS][24];
	uint8_t bytes[8 * LIMIT_WHY];
	struct ctl_field fields[NUMBERS + 2] = {
		{"error", err < 0 ? err_text(err) : ""}, {"why", u->why}};
	struct buf b;
	for (size_t i = 0; i < NUMBERS; i++) {
		(void)snprintf(digits[i], sizeof digits[i], "%ju", numbers[i].value);
		fields[i + 2] = (struct ctl_field){numbers[i].name, digits[i]};
	}
	buf_over(&b, bytes, sizeof bytes - 1);
	int written = ctl_line_write(&b, fields, NUMBERS + 2);
	bytes[written == 0 ? b.len : 0] = '\0';
	ctl_respond(s, written == 0, written == 0 ? (const char *)bytes : err_text(written));
}

void agent_control_synced(struct agent *a, int err, const struct uplink_summary *summary)
{
	size_t count = a->sync_waiter_count;
	a->sync_waiter_count = 0;
	for (size_t i = 0; i < count; i++)
		respond_sync(a->sync_waiters[i], err, summary);
}

/* Without a sync there is no entry of one that could name the user. */
static void refuse_sync(struct agent *a, struct ctl_session *s, int err, const char *why)
{
	struct uplink_summary none = {.err = err};
	struct audit_entry e;
	char who[LIMIT_AUDIT_WHO];
	audit_entry_set(&e, loop_wall_ms(a->loop), AUDIT_ACTION, ctl_user(s, who), err,
		"what=sync-now why=\"%s\"", why);
	audit_queue_add(a->audit, &e);
	(void)str_copy(none.why, sizeof none.why, why);
	respond_sync(s, err, &none);
}

/* A sync that is under way goes on until the spool is empty: its end is awaited. */
static void start_sync(struct agent *a, struct ctl_session *s)
{
	if (a->uplink == NULL || !agent_live_conf(a)->has_hub) {
		refuse_sync(a, s, ERR_CONF, "no hub is configured: nothing is sent");
		return;
	}
	if (!uplink_is_on(a->uplink)) {
		refuse_sync(a, s, ERR_CONF, "send is off: nothing is sent");
		return;
	}
	if (a->is_once) {
		refuse_sync(a, s, ERR_BUSY, "platen once is under way");
		return;
	}
	int err = uplink_sync_now(a->uplink);
	if (err < 0 && err != ERR_BUSY) {
		refuse_sync(a, s, err, err_text(err));
		return;
	}
	/* The socket has no more sessions. */
	(void)ctl_user(s, a->sync_users[a->sync_waiter_count]);
	a->sync_waiters[a->sync_waiter_count++] = s;
}

static void on_line(void *owner, struct ctl_session *s, const struct ctl_line *line)
{
	const char *action = ctl_line_get(line, "do");
	if (strcmp(action, "status") == 0)
		respond_status(owner, s);
	else if (strcmp(action, "sync") == 0)
		start_sync(owner, s);
	else
		ctl_respond(s, false, "this agent does not know how to do that");
}

/* Printers are read without it all the same. */
int agent_control_open(struct agent *a)
{
	int err = ctl_open(&a->control, a->loop, a->workers, a->conf->state_dir, on_line, a);
	if (err < 0)
		log_line(LOG_WARN, "control",
			"file=\"%s/" CTL_FILE "\" err=\"%s\" what=\"no control socket\" "
			"next=\"platen status shows status.json only%s\"",
			a->conf->state_dir, err_text(err),
			err == -ENAMETOOLONG ? ": choose a shorter state_dir" : "");
	return 0;
}
