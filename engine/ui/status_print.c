/* SPDX-License-Identifier: Apache-2.0
 * The agent's status as text, one line a subject. */
#include "engine/ui/status.h"

#include "engine/ui/view.h"
#include "proto/text/escape.h"

#include <string.h>

#define ULL(v) ((unsigned long long)(v))
#define LINE "%-14s "

static void put_line(struct writer *w, const char *name, const char *text)
{
	writer_printf(w, LINE, name);
	writer_shown(w, text_of(text));
	writer_char(w, '\n');
}

/* `reason` is from outside and may be "". */
static void put_time(
	struct writer *w, const char *name, uint64_t at_ms, uint64_t now_ms, const char *reason)
{
	char age[32];
	view_age(age, at_ms, now_ms);
	writer_printf(w, LINE, name);
	if (at_ms == 0) {
		writer_str(w, "never\n");
		return;
	}
	writer_utc(w, at_ms);
	writer_printf(w, " (%s)%s", age, reason[0] != '\0' ? ": " : "");
	writer_shown(w, text_of(reason));
	writer_char(w, '\n');
}

static void put_disk(struct writer *w, const struct agent_status *s, uint64_t now_ms)
{
	char age[32];
	if (s->disk_error[0] == '\0')
		return;
	writer_printf(w, LINE "CANNOT be written: ", "state disk");
	writer_shown(w, text_of(s->disk_error));
	if (s->spool.failing_since_ms > 0) {
		view_age(age, s->spool.failing_since_ms, now_ms);
		writer_str(w, ", since ");
		writer_utc(w, s->spool.failing_since_ms);
		writer_printf(w, " (%s): polling pauses, %llu readings wait in memory", age,
			ULL(s->spool.waiting));
	}
	writer_char(w, '\n');
}

static void put_conf(struct writer *w, const struct agent_status *s, uint64_t now_ms)
{
	char age[32];
	if (s->conf_file[0] == '\0')
		return; /* written by an older program */
	view_age(age, s->conf_loaded_ms, now_ms);
	writer_printf(w, LINE, "configuration");
	writer_shown(w, text_of(s->conf_file));
	writer_printf(w, ", read %s\n", age);
	if (s->conf_error[0] != '\0')
		put_time(w, "NOT reloaded", s->conf_refused_ms, now_ms, s->conf_error);
}

/* The other hosts at the addresses of the ranges. */
static void put_others(struct writer *w, const struct agent_status *s)
{
	bool is_first = true;
	if (s->roster.others > 0)
		writer_printf(w, LINE "%llu, not printers, not kept: ", "other devices",
			ULL(s->roster.others));
	for (unsigned k = 0; k < KIND_COUNT && s->roster.others > 0; k++) {
		if (s->roster.by_kind[k] == 0)
			continue;
		writer_printf(w, "%s%llu %s", is_first ? "" : ", ", ULL(s->roster.by_kind[k]),
			device_kind_name(k));
		is_first = false;
	}
	writer_str(w, s->roster.others > 0 ? " (devices.accept)\n" : "");
	if (s->roster.absent > 0)
		writer_printf(w, LINE "%llu address%s of ranges never responded%s\n", "no device",
			ULL(s->roster.absent), PLURAL_ES(s->roster.absent),
			s->roster.devices > 0 ? "" : ": is the community right?");
}

static void put_devices(struct writer *w, const struct agent_status *s)
{
	writer_printf(w, LINE "%llu: %llu complete, %llu partial, ", "devices",
		ULL(s->roster.devices), ULL(s->roster.by_outcome[OUTCOME_COMPLETE]),
		ULL(s->roster.by_outcome[OUTCOME_PARTIAL]));
	if (s->roster.refused > 0)
		writer_printf(w, "%llu refused, ", ULL(s->roster.refused));
	writer_printf(w, "%llu not responding, %llu not read yet\n",
		ULL(s->roster.by_outcome[OUTCOME_SILENT]),
		ULL(s->roster.by_outcome[OUTCOME_NEVER]));
	put_others(w, s);
	if (s->silent_reasons[0] != '\0')
		put_line(w, "not read", s->silent_reasons);
	if (s->roster.over_limit > 0)
		writer_printf(w,
			LINE "%llu are configured beyond devices.max and never read: raise "
			     "devices.max\n",
			"excluded", ULL(s->roster.over_limit));
	if (s->roster.denied > 0)
		writer_printf(w, LINE "%llu get no packet: access.allow and access.deny\n",
			"denied", ULL(s->roster.denied));
	if (s->roster.by_breaker[BREAKER_OPEN] + s->roster.safe_mode > 0)
		writer_printf(w,
			LINE "%llu backed off (not responding), %llu in safe mode (they stopped "
			     "responding after a request)\n",
			"protection", ULL(s->roster.by_breaker[BREAKER_OPEN]),
			ULL(s->roster.safe_mode));
	writer_printf(w, LINE "%llu packet%s sent, %llu received, at most %llu to one printer\n",
		"today", ULL(s->roster.packets_out), PLURAL_S(s->roster.packets_out),
		ULL(s->roster.packets_in), ULL(s->roster.max_packets_out));
}

/* "2027-01-31T00:00:00Z (in 61 d), issued by CN=..." */
static void put_certificate(struct writer *w, const char *name, uint64_t expires_ms,
	const char *issuer, uint64_t now_ms)
{
	char age[32];
	if (expires_ms == 0)
		return;
	view_age(age, expires_ms, now_ms);
	writer_printf(w, LINE "%s ", name, expires_ms > now_ms ? "expires" : "EXPIRED");
	writer_utc(w, expires_ms);
	writer_printf(w, " (%s)%s", age, issuer[0] != '\0' ? ", issued by " : "");
	writer_shown(w, text_of(issuer));
	writer_char(w, '\n');
}

static void put_heartbeat(struct writer *w, const struct agent_status *s, uint64_t now_ms)
{
	char skew[64] = "";
	if (s->clock_skew[0] != '\0')
		(void)snprintf(skew, sizeof skew, "our clock is %s ahead", s->clock_skew);
	if (s->heartbeat_interval_ms == 0)
		put_line(w, "last heartbeat", "off (sync.heartbeat)");
	else
		put_time(w, "last heartbeat", s->heartbeat_last_ms, now_ms, skew);
}

static void put_hub(struct writer *w, const struct agent_status *s, uint64_t now_ms)
{
	if (s->hub[0] == '\0') {
		put_line(w, "hub", "none is configured: nothing is sent");
		return;
	}
	put_line(w, "hub", s->hub);
	put_certificate(w, "hub cert", s->hub_expires_ms, s->hub_issuer, now_ms);
	put_certificate(w, "client cert", s->own_expires_ms, "", now_ms);
	put_line(w, "hub key", s->hub_key[0] != '\0' ? s->hub_key : "none is pinned yet");
	put_time(w, "last contact", s->hub_contact_ms, now_ms, "");
	put_heartbeat(w, s, now_ms);
	put_time(w, "last failure", s->hub_failure_ms, now_ms, s->hub_failure);
	put_time(w, "last sync", s->sync_last_ms, now_ms, "");
	if (s->schedule[0] != '\0')
		put_line(w, "schedule", s->schedule);
	put_time(w, "next sync", s->sync_next_ms, now_ms, "");
	if (s->sync_missed > 0) {
		writer_printf(w, LINE "%llu, the last of ", "missed syncs", ULL(s->sync_missed));
		writer_utc(w, s->sync_missed_ms);
		writer_str(w, ": the agent or its host was off\n");
	}
}

/* Nothing if no datagram was refused. */
static void put_refused(struct writer *w, const struct agent_status *s)
{
	const struct {
		const char *reason;
		uint64_t count;
	} rows[] = {
		{"from another address", s->snmp.stray_source},
		{"another request-id", s->snmp.stray_id},
		{"another version", s->snmp.stray_version},
		{"another community", s->snmp.stray_community},
		{"not a response", s->snmp.stray_type},
		{"names that were not requested", s->snmp.stray_oid},
		{"another security level", s->snmp.stray_level},
		{"another user", s->snmp.stray_user},
		{"another engine", s->snmp.stray_engine},
		{"another context", s->snmp.stray_context},
		{"a wrong digest", s->snmp.stray_digest},
		{"outside the time window", s->snmp.stray_window},
		{"decryption failed", s->snmp.stray_cipher},
		{"malformed", s->snmp.malformed},
		{"unauthenticated Reports", s->snmp.reports},
	};
	bool is_first = true;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].count == 0)
			continue;
		writer_printf(w, is_first ? LINE : "%s", is_first ? "refused" : ", ");
		writer_printf(w, "%llu %s", ULL(rows[i].count), rows[i].reason);
		is_first = false;
	}
	writer_str(w, is_first ? "" : "\n");
}

/* Nothing without SNMPv3 devices. */
static void put_v3(struct writer *w, const struct agent_status *s)
{
	if (s->roster.v3 > 0)
		writer_printf(w,
			LINE "%llu device%s; %llu engine discoveries, %llu clocks set, %llu "
			     "engineIDs changed\n",
			"SNMPv3", ULL(s->roster.v3), PLURAL_S(s->roster.v3), ULL(s->snmp.probes),
			ULL(s->snmp.resyncs), ULL(s->snmp.engine_changes));
}

/* Nothing without discovery. */
static void put_discovery(struct writer *w, const struct agent_status *s)
{
	const struct discovery_status *d = &s->discovery;
	if (d->counts.addresses > 0 || d->devices > 0)
		writer_printf(w,
			LINE
			"%llu printer%s found, %llu of them need a credential, %llu gone; %llu "
			"of %llu addresses responded\n",
			"discovery", ULL(d->devices), PLURAL_S(d->devices), ULL(d->locked),
			ULL(d->gone), ULL(d->counts.by_mark[SCAN_RESPONDED]),
			ULL(d->counts.addresses));
}

static void put_balance(struct writer *w, const struct spool_counts *c)
{
	const struct spool_balance *b = &c->balance;
	uint64_t dropped = 0;
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		dropped += b->dropped[i];
	if (b->kept == 0)
		return;
	writer_printf(w,
		LINE "%llu kept: %llu at the hub, %llu pending, %llu superseded, %llu set aside, "
		     "%llu dropped",
		"records", ULL(b->kept), ULL(b->receipted), ULL(c->pending), ULL(b->superseded),
		ULL(b->quarantined), ULL(dropped));
	if (dropped > 0)
		writer_printf(w,
			" (%llu diagnostics, %llu supplies, %llu meters: the spool was full)",
			ULL(b->dropped[SPOOL_DIAGNOSTICS]), ULL(b->dropped[SPOOL_SUPPLIES]),
			ULL(b->dropped[SPOOL_METERS]));
	writer_str(w, "\n");
}

static void put_cycles(struct writer *w, const struct agent_status *s)
{
	writer_printf(w, LINE, "cycles");
	if (s->cycle == 0)
		writer_str(w, "none is complete yet");
	else
		writer_printf(
			w, "%llu, the last took %.1f s", ULL(s->cycle), (double)s->cycle_ms / 1000);
	writer_printf(w, ", one every %.0f s\n", (double)s->interval_ms / 1000);
	writer_printf(w, LINE "%llu record%s pending (%llu of %llu KiB), %llu damaged\n", "spool",
		ULL(s->spool.pending), PLURAL_S(s->spool.pending),
		ULL(s->spool.pending_bytes + 1023) / 1024, ULL(s->spool_max_bytes) / 1024,
		ULL(s->spool.quarantined));
	put_balance(w, &s->spool);
}

static void put_state(struct writer *w, const struct agent_status *s, bool is_running)
{
	if (!is_running)
		writer_printf(w, " is NOT running%s; this is its last status\n",
			s->state[0] == '\0' ? ""
			: strcmp(s->state, "stop") == 0
				? ": it was stopped"
				: ": it ended without a stop (killed, or power lost)");
	else if (strcmp(s->state, STATUS_NOT_RESPONDING) == 0)
		writer_str(w, " is NOT responding: its process is suspended or hangs\n");
	else if (strcmp(s->state, STATUS_STARTING) == 0)
		writer_str(w, " is starting or ending\n");
	else
		writer_str(w, " is running\n");
	writer_printf(w, LINE "%llu\n", "pid", ULL(s->pid));
}

static void put_rebuild(struct writer *w, const struct agent_status *s, uint64_t now_ms)
{
	char text[LIMIT_WHY];
	if (s->rebuild.at_ms == 0)
		return;
	(void)snprintf(text, sizeof text,
		"the spool was damaged; records lost: %s; the damaged file is %s", s->rebuilt_lost,
		s->rebuild.kept_as);
	put_time(w, "REBUILT", s->rebuild.at_ms, now_ms, text);
}

int status_print(FILE *out, const struct agent_status *s, bool is_running, uint64_t now_ms)
{
	struct writer w;
	writer_open_file(&w, out);
	writer_printf(&w, LINE, "platen");
	writer_shown(&w, text_of(s->version));
	put_state(&w, s, is_running);
	if (s->written_ms == 0) /* nothing but the process is known */
		return writer_close(&w);
	if (s->site[0] != '\0')
		put_line(&w, "site", s->site);
	put_line(&w, "agent", s->agent_id);
	put_time(&w, "started", s->started_ms, now_ms, "");
	put_time(&w, "written", s->written_ms, now_ms, "");
	put_disk(&w, s, now_ms);
	put_conf(&w, s, now_ms);
	put_devices(&w, s);
	put_time(&w, "last data", s->last_data_ms, now_ms, "");
	put_cycles(&w, s);
	put_rebuild(&w, s, now_ms);
	put_v3(&w, s);
	put_refused(&w, s);
	put_discovery(&w, s);
	put_hub(&w, s, now_ms);
	writer_printf(&w, LINE "%.1f MiB at most since the start, budget %.1f MiB\n", "memory",
		(double)s->memory_peak_bytes / (1 << 20),
		(double)s->memory_budget_bytes / (1 << 20));
	writer_printf(&w,
		LINE "lag at most %llu ms, 99.9 %% of the iterations within %llu ms, %llu files "
		     "open\n",
		"loop", ULL(s->loop.max_ms), ULL(s->loop.p999_ms), ULL(s->open_fds));
	if (s->error[0] != '\0')
		put_time(&w, "last error", s->error_ms, now_ms, s->error);
	return writer_close(&w);
}
