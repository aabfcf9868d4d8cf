/* SPDX-License-Identifier: Apache-2.0
 * The agent's status for people: one line a subject. */
#include "engine/ui/status.h"

#include "proto/base/str.h"
#include "engine/ui/view.h"
#include "proto/text/sheet.h"

#include <errno.h>

static int put_line(struct buf *b, const char *name, const char *text)
{
	int err = buf_printf(b, "%-14s ", name);
	if (err == 0)
		err = sheet_put_shown(b, text_of(text));
	return err < 0 ? err : buf_put_text(b, "\n");
}

static int put_time(
	struct buf *b, const char *name, uint64_t at_ms, uint64_t now_ms, const char *more)
{
	char utc[25], age[32], text[2 * LIMIT_WHY + 96];
	view_age(age, at_ms, now_ms);
	str_utc(utc, at_ms);
	if (at_ms == 0)
		(void)snprintf(text, sizeof text, "never");
	else
		(void)snprintf(text, sizeof text, "%s (%s)%s%s", utc, age,
			more[0] != '\0' ? ": " : "", more);
	return put_line(b, name, text);
}

static int put_conf(struct buf *b, const struct agent_status *s, uint64_t now_ms)
{
	char age[32], text[LIMIT_CONF_VALUE + 64];
	if (s->conf_file[0] == '\0')
		return 0; /* written by an older program */
	view_age(age, s->conf_taken_ms, now_ms);
	(void)snprintf(text, sizeof text, "%s, as read %s", s->conf_file, age);
	int err = put_line(b, "configuration", text);
	if (err < 0 || s->conf_error[0] == '\0')
		return err;
	return put_time(b, "NOT reloaded", s->conf_refused_ms, now_ms, s->conf_error);
}

static int put_devices(struct buf *b, const struct agent_status *s)
{
	char text[256];
	(void)snprintf(text, sizeof text,
		"%llu: %llu complete, %llu partial, %llu silent, %llu failed, %llu not read yet",
		(unsigned long long)s->devices, (unsigned long long)s->devices_complete,
		(unsigned long long)s->devices_partial, (unsigned long long)s->devices_silent,
		(unsigned long long)s->devices_failed, (unsigned long long)s->devices_waiting);
	int err = put_line(b, "devices", text);
	if (err == 0 && s->why_silent[0] != '\0')
		err = put_line(b, "silent", s->why_silent);
	(void)snprintf(text, sizeof text,
		"%llu are configured beyond devices.max and never read: raise devices.max",
		(unsigned long long)s->devices_excluded);
	if (err == 0 && s->devices_excluded > 0)
		err = put_line(b, "excluded", text);
	(void)snprintf(text, sizeof text, "%llu get no packet: access.allow and access.deny",
		(unsigned long long)s->devices_denied);
	if (err == 0 && s->devices_denied > 0)
		err = put_line(b, "denied", text);
	(void)snprintf(text, sizeof text,
		"%llu are left alone for a while (silent), %llu are asked with care (they fell "
		"silent on a question)",
		(unsigned long long)s->devices_resting, (unsigned long long)s->devices_safe_mode);
	if (err == 0 && s->devices_resting + s->devices_safe_mode > 0)
		err = put_line(b, "manners", text);
	(void)snprintf(text, sizeof text, "%llu packets sent, %llu received, %llu at most to one",
		(unsigned long long)s->today_packets_out, (unsigned long long)s->today_packets_in,
		(unsigned long long)s->today_max_packets_out);
	if (err == 0)
		err = put_line(b, "today", text);
	return err;
}

static int put_hub(struct buf *b, const struct agent_status *s, uint64_t now_ms)
{
	if (s->hub[0] == '\0')
		return put_line(b, "hub", "none is configured: nothing is sent");
	int err = put_line(b, "hub", s->hub);
	if (err == 0)
		err = put_time(b, "last contact", s->hub_contact_ms, now_ms, s->hub_result);
	if (err == 0)
		err = put_time(b, "last sync", s->sync_last_ms, now_ms, "");
	return err < 0 ? err : put_time(b, "next sync", s->sync_next_ms, now_ms, "");
}

/* Nothing where all was believed. */
static int put_refused(struct buf *b, const struct agent_status *s)
{
	const struct {
		const char *what;
		uint64_t count;
	} rows[] = {
		{"from another address", s->refused_source},
		{"another request-id", s->refused_id},
		{"another version", s->refused_version},
		{"another community", s->refused_community},
		{"no response", s->refused_type},
		{"names not asked for", s->refused_oid},
		{"another security level", s->refused_level},
		{"another user", s->refused_user},
		{"another engine", s->refused_engine},
		{"another context", s->refused_context},
		{"a wrong digest", s->refused_digest},
		{"outside the time window", s->refused_window},
		{"not to be decrypted", s->refused_cipher},
		{"malformed", s->refused_malformed},
		{"reports that nobody signed", s->refused_reports},
	};
	char text[768] = "";
	uint64_t sum = 0;
	size_t len = 0;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].count == 0)
			continue;
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%llu %s",
			sum > 0 ? ", " : "", (unsigned long long)rows[i].count, rows[i].what);
		len = len < sizeof text ? len : sizeof text - 1;
		sum += rows[i].count;
	}
	return sum == 0 ? 0 : put_line(b, "not believed", text);
}

static int put_v3(struct buf *b, const struct agent_status *s)
{
	char text[192];
	(void)snprintf(text, sizeof text,
		"%llu devices; %llu engines asked for, %llu clocks set, %llu engineIDs changed",
		(unsigned long long)s->devices_v3, (unsigned long long)s->v3_probes,
		(unsigned long long)s->v3_resyncs, (unsigned long long)s->v3_engine_changes);
	return s->devices_v3 == 0 ? 0 : put_line(b, "SNMPv3", text);
}

/* Nothing where there is none. */
static int put_discovery(struct buf *b, const struct agent_status *s)
{
	char text[256];
	if (s->discovery_addresses == 0 && s->discovery_devices == 0)
		return 0;
	(void)snprintf(text, sizeof text,
		"%llu printers found, %llu of them need a credential, %llu gone; %llu of %llu "
		"addresses answered",
		(unsigned long long)s->discovery_devices, (unsigned long long)s->discovery_locked,
		(unsigned long long)s->discovery_gone, (unsigned long long)s->discovery_answered,
		(unsigned long long)s->discovery_addresses);
	return put_line(b, "discovery", text);
}

static int put_page(struct buf *b, const struct agent_status *s, bool is_running, uint64_t now_ms)
{
	char text[256];
	(void)snprintf(text, sizeof text, "%s %s", s->version,
		is_running ? "is running" : "is NOT running; this is what it said last");
	int err = put_line(b, "platen", text);
	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)s->pid);
	if (err == 0)
		err = put_line(b, "pid", text);
	if (err == 0 && s->site[0] != '\0')
		err = put_line(b, "site", s->site);
	if (err == 0)
		err = put_line(b, "agent", s->agent_id);
	if (err == 0)
		err = put_time(b, "started", s->started_ms, now_ms, "");
	if (err == 0)
		err = put_time(b, "as of", s->written_ms, now_ms, "");
	if (err == 0)
		err = put_conf(b, s, now_ms);
	if (err == 0)
		err = put_devices(b, s);
	if (err == 0)
		err = put_time(b, "last data", s->last_data_ms, now_ms, "");
	if (s->cycle == 0)
		(void)snprintf(text, sizeof text, "none is complete yet, one every %.0f s",
			(double)s->interval_ms / 1000);
	else
		(void)snprintf(text, sizeof text, "%llu, the last took %.1f s, one every %.0f s",
			(unsigned long long)s->cycle, (double)s->cycle_ms / 1000,
			(double)s->interval_ms / 1000);
	if (err == 0)
		err = put_line(b, "cycles", text);
	(void)snprintf(text, sizeof text, "%llu records wait (%llu of %llu KiB), %llu damaged",
		(unsigned long long)s->spool_pending,
		(unsigned long long)(s->spool_pending_bytes + 1023) / 1024,
		(unsigned long long)s->spool_max_bytes / 1024,
		(unsigned long long)s->spool_quarantined);
	if (err == 0)
		err = put_line(b, "spool", text);
	if (err == 0)
		err = put_v3(b, s);
	if (err == 0)
		err = put_refused(b, s);
	if (err == 0)
		err = put_discovery(b, s);
	if (err == 0)
		err = put_hub(b, s, now_ms);
	(void)snprintf(text, sizeof text, "%.1f MiB at most so far, budget %.1f MiB",
		(double)s->memory_peak_bytes / (1 << 20),
		(double)s->memory_budget_bytes / (1 << 20));
	if (err == 0)
		err = put_line(b, "memory", text);
	(void)snprintf(text, sizeof text,
		"held up %llu ms at most, 99.9 %% of its turns %llu ms, %llu files open",
		(unsigned long long)s->loop_max_ms, (unsigned long long)s->loop_p999_ms,
		(unsigned long long)s->open_fds);
	if (err == 0)
		err = put_line(b, "loop", text);
	if (err == 0 && s->error[0] != '\0')
		err = put_time(b, "last error", s->error_ms, now_ms, s->error);
	return err;
}

int status_print(FILE *out, const struct agent_status *s, bool is_running, uint64_t now_ms)
{
	struct buf b;
	buf_open(&b, LIMIT_STATUS_BYTES);
	int err = put_page(&b, s, is_running, now_ms);
	if (err == 0 && fwrite(b.data, 1, b.len, out) != b.len)
		err = -EIO;
	buf_close(&b);
	return err < 0 ? err : fflush(out) != 0 ? -EIO : 0;
}
