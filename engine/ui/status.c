/* SPDX-License-Identifier: Apache-2.0
 * status.json: one table of fields makes the writer and the reader. */
#include "engine/ui/status.h"

#include "proto/base/str.h"
#include "proto/text/json_writer.h"
#include "engine/loop/file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

struct field {
	const char *path; /* "name" or "group.name" */
	size_t offset;
	size_t text_bytes; /* 0: a uint64_t */
	bool is_time;      /* also shown as RFC 3339 */
};

#define NUMBER(path, member)                                                                       \
	{                                                                                          \
		path, offsetof(struct agent_status, member), 0, false                              \
	}
#define TIME(path, member)                                                                         \
	{                                                                                          \
		path, offsetof(struct agent_status, member), 0, true                               \
	}
#define WORDS(path, member)                                                                        \
	{                                                                                          \
		path, offsetof(struct agent_status, member),                                       \
			sizeof(((struct agent_status *)0)->member), false                          \
	}

static const struct field fields[] = {
	NUMBER("pid", pid),
	WORDS("state", state),
	WORDS("version", version),
	WORDS("site", site),
	WORDS("agent_id", agent_id),
	NUMBER("once", once),
	TIME("started", started_ms),
	TIME("written", written_ms),
	WORDS("conf.file", conf_file),
	TIME("conf.loaded", conf_loaded_ms),
	TIME("conf.refused", conf_refused_ms),
	WORDS("conf.error", conf_error),
	NUMBER("devices.roster", roster.devices),
	NUMBER("devices.complete", roster.by_outcome[OUTCOME_COMPLETE]),
	NUMBER("devices.partial", roster.by_outcome[OUTCOME_PARTIAL]),
	NUMBER("devices.silent", roster.by_outcome[OUTCOME_SILENT]),
	NUMBER("devices.refused", roster.refused),
	NUMBER("devices.waiting", roster.by_outcome[OUTCOME_NEVER]),
	NUMBER("devices.excluded", roster.over_limit),
	NUMBER("devices.denied", roster.denied),
	NUMBER("devices.others", roster.others),
	NUMBER("devices.absent", roster.absent),
	NUMBER("devices.v3", roster.v3),
	NUMBER("devices.backed_off", roster.by_breaker[BREAKER_OPEN]),
	NUMBER("devices.safe_mode", roster.safe_mode),
	WORDS("devices.silent_reasons", silent_reasons),
	NUMBER("devices.interval_ms", interval_ms),
	NUMBER("devices.cycle", cycle),
	NUMBER("devices.cycle_ms", cycle_ms),
	TIME("devices.last_data", last_data_ms),
	NUMBER("others.print-queues", roster.by_kind[KIND_QUEUES]),
	NUMBER("others.computer", roster.by_kind[KIND_COMPUTER]),
	NUMBER("others.network", roster.by_kind[KIND_NETWORK]),
	NUMBER("others.storage", roster.by_kind[KIND_STORAGE]),
	NUMBER("others.power", roster.by_kind[KIND_POWER]),
	NUMBER("others.phone", roster.by_kind[KIND_PHONE]),
	NUMBER("others.camera", roster.by_kind[KIND_CAMERA]),
	NUMBER("others.other", roster.by_kind[KIND_OTHER]),
	NUMBER("spool.pending", spool.pending),
	NUMBER("spool.pending_bytes", spool.pending_bytes),
	NUMBER("spool.max_bytes", spool_max_bytes),
	NUMBER("spool.kept", spool.kept),
	NUMBER("spool.quarantined", spool.quarantined),
	NUMBER("spool.waiting", spool.waiting),
	NUMBER("spool.lost", spool_lost),
	NUMBER("spool.failures", spool.failures),
	TIME("spool.failing_since", spool.failing_since_ms),
	WORDS("spool.disk_error", disk_error),
	TIME("spool.rebuilt", rebuild.at_ms),
	WORDS("spool.rebuilt_lost", rebuilt_lost),
	WORDS("spool.damaged_file", rebuild.kept_as),
	NUMBER("balance.readings", readings.made),
	NUMBER("balance.unchanged", readings.unchanged),
	NUMBER("balance.stored", readings.kept),
	NUMBER("balance.refused", readings.refused),
	NUMBER("balance.lost", readings.lost),
	NUMBER("balance.under_way", readings.under_way),
	NUMBER("balance.kept", spool.balance.kept),
	NUMBER("balance.receipted", spool.balance.receipted),
	NUMBER("balance.pending", spool.pending),
	NUMBER("balance.superseded", spool.balance.superseded),
	NUMBER("balance.quarantined", spool.balance.quarantined),
	NUMBER("balance.dropped_diagnostics", spool.balance.dropped[SPOOL_DIAGNOSTICS]),
	NUMBER("balance.dropped_supplies", spool.balance.dropped[SPOOL_SUPPLIES]),
	NUMBER("balance.dropped_meters", spool.balance.dropped[SPOOL_METERS]),
	WORDS("hub.url", hub),
	TIME("hub.last_contact", hub_contact_ms),
	WORDS("hub.last_result", hub_result),
	TIME("hub.last_failure", hub_failure_ms),
	WORDS("hub.failure", hub_failure),
	WORDS("hub.key_fingerprint", hub_key),
	WORDS("hub.certificate_issuer", hub_issuer),
	TIME("hub.certificate_expires", hub_expires_ms),
	TIME("hub.client_certificate_expires", own_expires_ms),
	NUMBER("hub.heartbeat_interval_ms", heartbeat_interval_ms),
	TIME("hub.last_heartbeat", heartbeat_last_ms),
	WORDS("hub.clock_skew", clock_skew),
	TIME("hub.last_sync", sync_last_ms),
	WORDS("hub.schedule", schedule),
	TIME("hub.next_sync", sync_next_ms),
	NUMBER("hub.missed_syncs", sync_missed),
	TIME("hub.last_missed_sync", sync_missed_ms),
	NUMBER("hub.sent", sync_sent),
	TIME("error.at", error_ms),
	WORDS("error.text", error),
	NUMBER("refused.source", snmp.stray_source),
	NUMBER("refused.id", snmp.stray_id),
	NUMBER("refused.version", snmp.stray_version),
	NUMBER("refused.community", snmp.stray_community),
	NUMBER("refused.type", snmp.stray_type),
	NUMBER("refused.oid", snmp.stray_oid),
	NUMBER("refused.level", snmp.stray_level),
	NUMBER("refused.user", snmp.stray_user),
	NUMBER("refused.engine", snmp.stray_engine),
	NUMBER("refused.context", snmp.stray_context),
	NUMBER("refused.digest", snmp.stray_digest),
	NUMBER("refused.window", snmp.stray_window),
	NUMBER("refused.cipher", snmp.stray_cipher),
	NUMBER("refused.malformed", snmp.malformed),
	NUMBER("refused.reports", snmp.reports),
	NUMBER("v3.probes", snmp.probes),
	NUMBER("v3.resyncs", snmp.resyncs),
	NUMBER("v3.engine_changes", snmp.engine_changes),
	NUMBER("discovery.runs", discovery.runs),
	TIME("discovery.last", discovery.last_wall_ms),
	TIME("discovery.next", discovery_next_ms),
	NUMBER("discovery.addresses", discovery.counts.addresses),
	NUMBER("discovery.responded", discovery.counts.by_mark[SCAN_RESPONDED]),
	NUMBER("discovery.devices", discovery.devices),
	NUMBER("discovery.needs_credential", discovery.locked),
	NUMBER("discovery.gone", discovery.gone),
	NUMBER("memory.budget_bytes", memory_budget_bytes),
	NUMBER("memory.peak_bytes", memory_peak_bytes),
	NUMBER("loop.lag_ms", loop_lag_ms),
	NUMBER("loop.p50_ms", loop.p50_ms),
	NUMBER("loop.p99_ms", loop.p99_ms),
	NUMBER("loop.p999_ms", loop.p999_ms),
	NUMBER("loop.max_ms", loop.max_ms),
	NUMBER("loop.slow", loop.slow),
	NUMBER("loop.open_fds", open_fds),
	NUMBER("snmp.window", snmp_window),
	NUMBER("snmp.halved", snmp_halved),
	NUMBER("snmp.drops", snmp_drops),
	NUMBER("today.packets_out", roster.packets_out),
	NUMBER("today.packets_in", roster.packets_in),
	NUMBER("today.bytes_out", roster.bytes_out),
	NUMBER("today.bytes_in", roster.bytes_in),
	NUMBER("today.max_packets_out", roster.max_packets_out),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static uint64_t number_at(const struct agent_status *s, const struct field *f)
{
	uint64_t v;
	memcpy(&v, (const char *)s + f->offset, sizeof v);
	return v;
}

/* ---- out ---- */

static void put_field(
	struct writer *w, const char *name, const struct agent_status *s, const struct field *f)
{
	if (f->text_bytes > 0)
		jw_str(w, name, (const char *)s + f->offset);
	else if (f->is_time)
		jw_time(w, name, number_at(s, f));
	else
		jw_uint(w, name, number_at(s, f));
}

/* The length of the group's name in "group.name", with the point; 0 for "name". */
static size_t group_len(const char *path)
{
	const char *dot = strchr(path, '.');
	return dot == NULL ? 0 : (size_t)(dot - path) + 1;
}

/* The fields of a group follow one another in the table. */
void status_json(struct writer *w, const struct agent_status *s, bool is_running)
{
	const char *group = "";
	jw_object(w, NULL);
	jw_bool(w, "running", is_running);
	for (size_t i = 0; i < FIELDS; i++) {
		const char *path = fields[i].path;
		size_t len = group_len(path);
		if (len != group_len(group) || strncmp(path, group, len) != 0) {
			char name[32];
			if (group_len(group) > 0)
				jw_end(w);
			(void)snprintf(name, sizeof name, "%.*s", (int)len - 1, path);
			jw_object(w, name);
			group = path;
		}
		put_field(w, path + len, s, &fields[i]);
	}
	jw_end(w);
	jw_end(w);
}

/* ---- the file ---- */

static int path_of(char dst[PATH_BYTES], const char *dir, const char *name)
{
	int n = snprintf(dst, PATH_BYTES, "%s/%s", dir, name);
	return n < 0 || n >= PATH_BYTES ? -ENAMETOOLONG : 0;
}

static int write_file(const char *dir, const struct buf *bytes)
{
	char path[PATH_BYTES];
	int err = path_of(path, dir, "status.json");
	return err < 0 ? err : file_replace(path, bytes->data, bytes->len);
}

int status_write(const char *dir, const struct agent_status *s)
{
	struct buf b;
	struct writer w;
	buf_open(&b, LIMIT_STATUS_BYTES);
	writer_open(&w, &b);
	/* The reader sets "running" from the lock: a killed daemon cannot. */
	status_json(&w, s, true);
	writer_char(&w, '\n');
	int err = writer_close(&w);
	if (err == 0)
		err = write_file(dir, &b);
	buf_close(&b);
	return err;
}

static int read_file(struct buf *dst, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	int err = file_read(dst, fd);
	(void)close(fd);
	return err == ERR_LIMIT ? ERR_FORMAT : err;
}

static int read_field(json_t *root, struct agent_status *s, const struct field *f)
{
	char key[48], group_name[32];
	char *at = (char *)s + f->offset;
	size_t len = group_len(f->path);
	(void)snprintf(group_name, sizeof group_name, "%.*s", len > 0 ? (int)len - 1 : 0, f->path);
	json_t *group = len > 0 ? json_object_get(root, group_name) : root;
	(void)snprintf(key, sizeof key, "%s%s", f->path + len, f->is_time ? "_ms" : "");
	json_t *value = json_object_get(group, key);
	if (value == NULL)
		return 0; /* written by an older program */
	if (f->text_bytes > 0) {
		if (!json_is_string(value))
			return ERR_FORMAT;
		(void)str_scrub(at, f->text_bytes, (const uint8_t *)json_string_value(value),
			json_string_length(value));
		return 0;
	}
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return ERR_FORMAT;
	memcpy(at, &(uint64_t){(uint64_t)json_integer_value(value)}, sizeof(uint64_t));
	return 0;
}

int status_parse(struct agent_status *ret, const char *bytes, size_t len)
{
	struct agent_status s = {.pid = 0};
	json_t *root = len == 0 ? NULL : json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	int err = json_is_object(root) ? 0 : ERR_FORMAT;
	for (size_t i = 0; i < FIELDS && err == 0; i++)
		err = read_field(root, &s, &fields[i]);
	json_decref(root);
	if (err == 0)
		*ret = s;
	return err;
}

int status_read(const char *dir, struct agent_status *ret)
{
	char path[PATH_BYTES];
	struct buf b;
	int err = path_of(path, dir, "status.json");
	if (err < 0)
		return err;
	buf_open(&b, LIMIT_STATUS_BYTES);
	err = read_file(&b, path);
	if (err == 0)
		err = status_parse(ret, (const char *)b.data, b.len);
	buf_close(&b);
	return err;
}

int status_is_running(const char *dir, uint64_t *ret_pid)
{
	char path[PATH_BYTES];
	int err = path_of(path, dir, "store.lock");
	if (err < 0)
		return err;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	*ret_pid = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	/* A shared lock is refused exactly while a daemon holds its exclusive one. */
	int result = 0;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		result = errno == EWOULDBLOCK ? 1 : -errno;
	char text[24] = "";
	ssize_t n = result == 1 ? pread(fd, text, sizeof text - 1, 0) : 0;
	*ret_pid = n > 0 ? strtoull(text, NULL, 10) : 0;
	(void)close(fd);
	return result;
}
