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
	if (a->sync_waiter_count == SYNC_WAITERS) {
		refuse_sync(a, s, ERR_BUSY, "a sync is under way, and others wait for its end");
		return;
	}
	int err = uplink_sync_now(a->uplink);
	if (err < 0 && err != ERR_BUSY) {
		refuse_sync(a, s, err, err_text(err));
		return;
	}
	(void)ctl_user(s, a->sync_users[a->sync_waiter_count]);
	a->sync_waiters[a->sync_waiter_count++] = s;
}

/* The head of the next batch as hexadecimal msgpack, without records, for `platen preview`. */
static int write_next(struct agent *a, struct buf *b)
{
	struct uplink_next next;
	uint8_t packed[LIMIT_HEAD];
	char hex[2 * LIMIT_HEAD + 1], digits[4][24];
	struct buf head;
	agent_on_sync_start(a); /* the agent's part of the site information */
	uplink_next(a->uplink, &next);
	next.head.first = next.head.last = next.head.count = 1; /* a head has records */
	buf_over(&head, packed, sizeof packed);
	int err = batch_head_pack(&head, &next.head);
	if (err < 0)
		return err;
	str_hex(hex, head.data, head.len);
	(void)snprintf(digits[0], sizeof digits[0], "%u", next.encodings);
	(void)snprintf(digits[1], sizeof digits[1], "%d", next.looks_at_site);
	(void)snprintf(digits[2], sizeof digits[2], "%ju", (uintmax_t)next.site_digest);
	(void)snprintf(digits[3], sizeof digits[3], "%ju", (uintmax_t)next.site_sent_ms);
	const struct ctl_field fields[] = {{"head", hex}, {"encodings", digits[0]},
		{"looks_at_site", digits[1]}, {"site_digest", digits[2]},
		{"site_sent_ms", digits[3]}};
	return ctl_line_write(b, fields, sizeof fields / sizeof fields[0]);
}

static void respond_next(struct agent *a, struct ctl_session *s)
{
	struct buf b;
	if (a->uplink == NULL) {
		ctl_respond(s, false, "no hub is configured");
		return;
	}
	buf_open(&b, LIMIT_CTL_LINE);
	int err = write_next(a, &b);
	if (err == 0)
		err = buf_put(&b, "", 1);
	ctl_respond(s, err == 0, err == 0 ? (const char *)b.data : err_text(err));
	buf_close(&b);
}

static void on_line(void *owner, struct ctl_session *s, const struct ctl_line *line)
{
	const char *action = ctl_line_get(line, "do");
	if (strcmp(action, "status") == 0)
		respond_status(owner, s);
	else if (strcmp(action, "sync") == 0)
		start_sync(owner, s);
	else if (strcmp(action, "next") == 0)
		respond_next(owner, s);
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
