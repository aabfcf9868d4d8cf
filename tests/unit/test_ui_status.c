/* SPDX-License-Identifier: Apache-2.0
 * The status file round-trips, is private, and is refused when it is damaged. */
#include "engine/ui/status.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[128];
static char lock[128];

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/platen-test-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	(void)snprintf(path, sizeof path, "%s/status.json", folder);
	(void)snprintf(lock, sizeof lock, "%s/store.lock", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(lock);
	return rmdir(folder);
}

static const struct agent_status full = {.pid = 4242,
	.version = "0.1.0",
	.site = "Gen\xc3\xa8ve \"A\"",
	.agent_id = "00112233445566778899aabbccddeeff",
	.started_ms = 1766000000000,
	.written_ms = 1766000090000,
	.conf_file = "/etc/platen/platen.yaml",
	.conf_loaded_ms = 1766000000000,
	.conf_refused_ms = 1766000050000,
	.conf_error = "/etc/platen/platen.yaml:3:1: unknown key \"intervall\"",
	.roster.devices = 2000,
	.roster.by_outcome[OUTCOME_COMPLETE] = 1900,
	.roster.by_outcome[OUTCOME_PARTIAL] = 10,
	.roster.by_outcome[OUTCOME_SILENT] = 50,
	.roster.by_outcome[OUTCOME_NEVER] = 35,
	.roster.over_limit = 7,
	.roster.denied = 4,
	.roster.v3 = 300,
	.snmp.stray_source = 11,
	.snmp.stray_digest = 12,
	.snmp.reports = 13,
	.snmp.probes = 14,
	.snmp.resyncs = 15,
	.snmp.engine_changes = 16,
	.silent_reasons = "50 snmp-timeout, as 10.1.4.7:161 (is it on?)",
	.interval_ms = 3600000,
	.cycle = 3,
	.cycle_ms = 6543,
	.last_data_ms = 1766000080000,
	.spool.pending = 12,
	.spool.pending_bytes = 34567,
	.spool_max_bytes = 256 << 20,
	.spool.kept = 99,
	.spool.quarantined = 1,
	.spool.failures = 5,
	.spool.failing_since_ms = 1766000040000,
	.disk_error = "No space left on device",
	.spool_lost = 6,
	.rebuild.at_ms = 1766000001000,
	.rebuilt_lost = "7",
	.spool.waiting = 4,
	.rebuild.kept_as = "store.damaged-20251217T193321.000Z",
	.state = "run",
	.hub = "https://hub.example:8443/",
	.hub_contact_ms = 1766000070000,
	.hub_result = "tls-untrusted",
	.hub_failure_ms = 1766000075000,
	.hub_failure = "tls-untrusted",
	.hub_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	.hub_issuer = "CN=Lab CA",
	.hub_expires_ms = 1766086500000,
	.own_expires_ms = 1765999999000,
	.heartbeat_interval_ms = 3600000,
	.heartbeat_last_ms = 1766000050000,
	.clock_skew = "+1.500 s",
	.sync_last_ms = 1766000060000,
	.schedule = "20:33 on mon, wed (Europe/Paris)",
	.sync_next_ms = 1766086400000,
	.sync_missed = 2,
	.sync_missed_ms = 1766050000000,
	.sync_sent = 88,
	.error_ms = 1766000070000,
	.error = "The hub's certificate is not trusted: set hub.ca_file.",
	.memory_budget_bytes = 50 << 20,
	.memory_peak_bytes = 30 << 20,
	.loop_lag_ms = 4,
	.loop.p50_ms = 1,
	.loop.p99_ms = 2,
	.loop.p999_ms = 3,
	.loop.max_ms = 60,
	.loop.slow = 1,
	.snmp_window = 2000,
	.snmp_halved = 2,
	.snmp_drops = 9,
	.roster.by_breaker[BREAKER_OPEN] = 40,
	.roster.safe_mode = 3,
	.roster.packets_out = 40000,
	.roster.packets_in = 39000,
	.roster.bytes_out = 4000000,
	.roster.bytes_in = 30000000,
	.roster.max_packets_out = 25,
	.open_fds = 17};

static void test_status_file_round_trips(void **state)
{
	(void)state;
	struct agent_status got;
	struct stat st;
	assert_int_equal(status_write(folder, &full), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(status_read(folder, &got), 0);
	assert_memory_equal(&got, &full, sizeof got);
	/* Again, over the old one; nothing else stays in the folder. */
	struct agent_status other = {.pid = 1, .version = "9"};
	assert_int_equal(status_write(folder, &other), 0);
	assert_int_equal(status_read(folder, &got), 0);
	assert_memory_equal(&got, &other, sizeof got);
	char draft[160];
	(void)snprintf(draft, sizeof draft, "%s.new", path);
	assert_int_equal(access(draft, F_OK), -1);
}

static void test_longest_texts_fit(void **state)
{
	(void)state;
	struct agent_status s = full, got;
	memset(s.site, 'x', sizeof s.site - 1);
	s.site[sizeof s.site - 1] = '\0';
	memset(s.error, 'y', sizeof s.error - 1);
	s.error[sizeof s.error - 1] = '\0';
	memset(s.conf_file, 'c', sizeof s.conf_file - 1);
	s.conf_file[sizeof s.conf_file - 1] = '\0';
	memset(s.silent_reasons, 'w', sizeof s.silent_reasons - 1);
	s.silent_reasons[sizeof s.silent_reasons - 1] = '\0';
	memset(s.hub, 'z', sizeof s.hub - 1);
	s.hub[sizeof s.hub - 1] = '\0';
	s.spool.kept = INT64_MAX;
	assert_int_equal(status_write(folder, &s), 0);
	assert_int_equal(status_read(folder, &got), 0);
	assert_memory_equal(&got, &s, sizeof got);
	s.spool.kept = UINT64_MAX;
	assert_int_equal(status_write(folder, &s), 0);
	assert_int_equal(status_read(folder, &got), 0);
	assert_int_equal(got.spool.kept, INT64_MAX);
}

static void test_damaged_status_file_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "{", "[]", "5", "{\"pid\":\"x\"}", "{\"pid\":-1}",
		"{\"pid\":1.5}", "{\"site\":5}", "{\"devices\":{\"roster\":[]}}",
		"{\"pid\":1,\"pid\":2}"};
	struct agent_status got;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(wrong[i], f) >= 0);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(status_read(folder, &got), ERR_FORMAT);
	}
	/* A missing member was unknown to the program that wrote the file. */
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs("{\"pid\":7,\"devices\":5,\"new\":{}}", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(status_read(folder, &got), 0);
	assert_int_equal(got.pid, 7);
	assert_int_equal(got.roster.devices, 0);
	assert_int_equal(truncate(path, LIMIT_STATUS_BYTES + 1), 0);
	assert_int_equal(status_read(folder, &got), ERR_FORMAT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(status_read(folder, &got), -ENOENT);
	assert_int_equal(status_write("/nowhere/at/all", &full), -ENOENT);
}

static void test_lock_shows_a_running_daemon(void **state)
{
	uint64_t pid;
	(void)state;
	assert_int_equal(status_is_running(folder, &pid), 0);
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(status_is_running(folder, &pid), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(status_is_running(folder, &pid), 1);
	assert_int_equal(status_is_running(folder, &pid), 1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(status_is_running(folder, &pid), 0);
}

static char *page(const struct agent_status *s, bool is_running)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	assert_int_equal(status_print(out, s, is_running, 1766000100000), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_page_has_one_line_a_subject(void **state)
{
	(void)state;
	char *text = page(&full, true);
	assert_string_equal(text,
		"platen         0.1.0 is running\n"
		"pid            4242\n"
		"site           Gen\xc3\xa8ve \"A\"\n"
		"agent          00112233445566778899aabbccddeeff\n"
		"started        2025-12-17T19:33:20.000Z (1 min ago)\n"
		"written        2025-12-17T19:34:50.000Z (10 s ago)\n"
		"state disk     CANNOT be written: No space left on device, since "
		"2025-12-17T19:34:00.000Z (1 min ago): polling pauses, 4 readings wait in "
		"memory\n"
		"configuration  /etc/platen/platen.yaml, read 1 min ago\n"
		"NOT reloaded   2025-12-17T19:34:10.000Z (50 s ago): /etc/platen/platen.yaml:3:1: "
		"unknown key \"intervall\"\n"
		"devices        2000: 1900 complete, 10 partial, 50 not responding, "
		"35 not read yet\n"
		"not read       50 snmp-timeout, as 10.1.4.7:161 (is it on?)\n"
		"excluded       7 are configured beyond devices.max and never read: raise "
		"devices.max\n"
		"denied         4 get no packet: access.allow and access.deny\n"
		"protection     40 backed off (not responding), 3 in safe mode (they stopped "
		"responding after a request)\n"
		"today          40000 packets sent, 39000 received, at most 25 to one printer\n"
		"last data      2025-12-17T19:34:40.000Z (20 s ago)\n"
		"cycles         3, the last took 6.5 s, one every 3600 s\n"
		"spool          12 records pending (34 of 262144 KiB), 1 damaged\n"
		"REBUILT        2025-12-17T19:33:21.000Z (1 min ago): the spool was damaged; "
		"records lost: 7; the damaged file is store.damaged-20251217T193321.000Z\n"
		"SNMPv3         300 devices; 14 engine discoveries, 15 clocks set, 16 engineIDs "
		"changed\n"
		"refused        11 from another address, 12 a wrong digest, 13 unauthenticated "
		"Reports\n"
		"hub            https://hub.example:8443/\n"
		"hub cert       expires 2025-12-18T19:35:00.000Z (in 24 h), issued by CN=Lab CA\n"
		"client cert    EXPIRED 2025-12-17T19:33:19.000Z (1 min ago)\n"
		"hub key        "
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
		"last contact   2025-12-17T19:34:30.000Z (30 s ago)\n"
		"last heartbeat 2025-12-17T19:34:10.000Z (50 s ago): our clock is +1.500 s ahead\n"
		"last failure   2025-12-17T19:34:35.000Z (25 s ago): tls-untrusted\n"
		"last sync      2025-12-17T19:34:20.000Z (40 s ago)\n"
		"schedule       20:33 on mon, wed (Europe/Paris)\n"
		"next sync      2025-12-18T19:33:20.000Z (in 23 h)\n"
		"missed syncs   2, the last of 2025-12-18T09:26:40.000Z: the agent or its host was "
		"off\n"
		"memory         30.0 MiB at most since the start, budget 50.0 MiB\n"
		"loop           lag at most 60 ms, 99.9 % of the iterations within 3 ms, 17 files "
		"open\n"
		"last error     2025-12-17T19:34:30.000Z (30 s ago): The hub's certificate is not "
		"trusted: set hub.ca_file.\n");
	free(text);
	struct agent_status s = full;
	s.hub[0] = '\0';
	s.roster.over_limit = 0;
	s.roster.denied = s.roster.v3 = 0;
	s.snmp.stray_source = s.snmp.stray_digest = s.snmp.reports = 0;
	s.error[0] = '\0';
	s.last_data_ms = 0;
	s.cycle = 0;
	s.state[0] = '\0'; /* written by an older program */
	(void)snprintf(s.site, sizeof s.site, "a\x1b[2Jb");
	text = page(&s, false);
	assert_non_null(strstr(text, "0.1.0 is NOT running; this is its last status\n"));
	assert_non_null(strstr(text, "hub            none is configured: nothing is sent\n"));
	assert_non_null(strstr(text, "last data      never\n"));
	assert_non_null(strstr(text, "site           a\\x1b[2Jb\n"));
	assert_non_null(strstr(text, "cycles         none is complete yet, one every 3600 s\n"));
	assert_null(strstr(text, "excluded"));
	assert_null(strstr(text, "denied"));
	assert_null(strstr(text, "SNMPv3"));
	assert_null(strstr(text, "refused"));
	assert_null(strstr(text, "last error"));
	free(text);
}

static int put_json(struct buf *b)
{
	struct writer w;
	writer_open(&w, b);
	status_json(&w, &full, false);
	return writer_close(&w);
}

static void test_json_has_all_fields(void **state)
{
	(void)state;
	struct buf b;
	buf_open(&b, LIMIT_STATUS_BYTES);
	assert_int_equal(put_json(&b), 0);
	json_t *root = json_loadb((char *)b.data, b.len, 0, NULL);
	assert_non_null(root);
	assert_true(json_is_false(json_object_get(root, "running")));
	json_t *hub = json_object_get(root, "hub");
	assert_string_equal(
		json_string_value(json_object_get(hub, "last_sync")), "2025-12-17T19:34:20.000Z");
	assert_int_equal(json_integer_value(json_object_get(hub, "last_sync_ms")), 1766000060000);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(root, "devices"), "excluded")),
		7);
	json_decref(root);
	buf_close(&b);
	uint8_t small[64];
	buf_over(&b, small, sizeof small);
	assert_int_equal(put_json(&b), ERR_FULL);
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_file_round_trips),
		cmocka_unit_test(test_longest_texts_fit),
		cmocka_unit_test(test_damaged_status_file_is_refused),
		cmocka_unit_test(test_lock_shows_a_running_daemon),
		cmocka_unit_test(test_page_has_one_line_a_subject),
		cmocka_unit_test(test_json_has_all_fields),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
