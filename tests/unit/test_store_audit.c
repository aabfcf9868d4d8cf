/* SPDX-License-Identifier: Apache-2.0
 * The ledger: what is appended is read back, every change of its files is found, and a kill or a
 * full disk leaves a ledger that goes on. */
#include "engine/store/audit.h"

#include "tests/counts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { SMALL_SEGMENT = 2000, AT_MS = 1700000000 };

static char dir[32];

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "audit_test_XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static void forget_files(void)
{
	struct dirent *e;
	char path[PATH_MAX];
	DIR *d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(closedir(d), 0);
}

static int teardown(void **state)
{
	(void)state;
	forget_files();
	return rmdir(dir);
}

static struct audit *open_ledger(uint32_t segment_bytes, uint32_t segments)
{
	struct audit *a;
	const struct audit_options o = {
		.dir = dir, .segment_bytes = segment_bytes, .segments = segments};
	assert_int_equal(audit_open(&a, &o), 0);
	return a;
}

static int append_one(struct audit *a, unsigned i)
{
	struct audit_entry e;
	audit_entry_set(&e, AT_MS * 1000ull + i, AUDIT_SYNC, "agent7@hub.example:8443",
		i % 5 == 0 ? ERR_TIMEOUT : 0, "first=%u last=%u bytes=%u", i, i + 3, i * 7);
	return audit_append(a, &e, 1);
}

static void append_many(struct audit *a, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(append_one(a, i), 0);
}

struct seen {
	unsigned by_kind[AUDIT_KIND_COUNT];
	unsigned faults;
	struct audit_fault first;
	struct audit_entry last;
};

static int see_entry(void *owner, const struct audit_entry *e)
{
	struct seen *s = owner;
	s->by_kind[e->kind]++;
	s->last = *e;
	return 0;
}

static void see_fault(void *owner, const struct audit_fault *f)
{
	struct seen *s = owner;
	if (s->faults++ == 0)
		s->first = *f;
}

static struct audit_totals read_ledger(struct seen *s)
{
	const struct audit_reader r = {.on_entry = see_entry, .on_fault = see_fault, .owner = s};
	struct audit_totals totals;
	*s = (struct seen){.faults = 0};
	assert_int_equal(audit_read(dir, &r, &totals), 0);
	assert_int_equal(totals.faults, s->faults);
	return totals;
}

static char *segment_path(unsigned segment)
{
	static char path[64];
	(void)snprintf(path, sizeof path, "%s/audit-%08u.log", dir, segment);
	return path;
}

static size_t read_file(const char *path, char *dst, size_t cap)
{
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	size_t n = fread(dst, 1, cap, f);
	assert_int_equal(fclose(f), 0);
	return n;
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* ---- writing and reading ---- */

static void test_entries_are_read_back_in_order_over_segments(void **state)
{
	(void)state;
	struct seen s;
	struct audit *a = open_ledger(SMALL_SEGMENT, 0);
	append_many(a, 60);
	audit_close(a);
	struct audit_totals t = read_ledger(&s);
	assert_int_equal(s.faults, 0);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 60);
	assert_true(t.segments > 3);
	assert_int_equal(t.entries, 60 + t.segments);
	assert_int_equal(t.last, t.entries);
	assert_string_equal(s.last.what, "first=59 last=62 bytes=413");
	assert_string_equal(s.last.result, "ok");
	assert_int_equal(s.last.at_ms, AT_MS * 1000ull + 59);
}

static void test_ledger_goes_on_after_reopening_and_beside_another_writer(void **state)
{
	(void)state;
	struct seen s;
	struct audit *a = open_ledger(SMALL_SEGMENT, 0), *b = open_ledger(SMALL_SEGMENT, 0);
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(append_one(i % 3 == 0 ? b : a, i), 0);
	audit_close(a);
	assert_int_equal(audit_note(dir, AUDIT_PURGE, 0, "what=spool"), 0);
	assert_int_equal(append_one(b, 41), 0);
	audit_close(b);
	struct audit_totals t = read_ledger(&s);
	assert_int_equal(s.faults, 0);
	assert_int_equal(t.recovered, 0);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 41);
	assert_int_equal(s.by_kind[AUDIT_PURGE], 1);
}

static void test_oldest_segments_go_and_the_chain_stays(void **state)
{
	(void)state;
	struct seen s;
	struct audit *a = open_ledger(SMALL_SEGMENT, 3);
	append_many(a, 100);
	audit_close(a);
	struct audit_totals t = read_ledger(&s);
	assert_int_equal(s.faults, 0);
	assert_int_equal(t.segments, 3);
	assert_true(t.first > 1);
	assert_int_equal(access(segment_path(1), F_OK), -1);
}

static void test_texts_are_escaped_and_cut(void **state)
{
	(void)state;
	struct seen s;
	struct audit_entry e;
	char what[2 * LIMIT_AUDIT_WHAT];
	struct audit *a = open_ledger(0, 0);
	audit_entry_set(&e, 1, AUDIT_ACTION, "a\tb\\c\n\x7f", 0, "%s", "x\ty\xff\xc3\xbc");
	assert_int_equal(audit_append(a, &e, 1), 0);
	read_ledger(&s);
	assert_string_equal(s.last.who, "a\tb\\c\n\x7f");
	assert_string_equal(s.last.what, "x\ty\xff\xc3\xbc");
	memset(what, '\n', sizeof what);
	what[sizeof what - 1] = '\0';
	audit_entry_set(&e, 2, AUDIT_ACTION, what, 0, "%s", what);
	assert_int_equal(audit_append(a, &e, 1), 0);
	audit_close(a);
	read_ledger(&s);
	assert_int_equal(s.faults, 0);
	assert_int_equal(strlen(s.last.who), LIMIT_AUDIT_WHO - 1);
	assert_in_range(strlen(s.last.what), 700, LIMIT_AUDIT_WHAT - 1);
}

static void test_digest_of_the_configuration_survives_segments(void **state)
{
	(void)state;
	struct audit_entry e;
	char digest[65], want[65];
	struct audit *a = open_ledger(SMALL_SEGMENT, 2);
	assert_int_equal(audit_config(a, digest), 0);
	assert_string_equal(digest, "");
	memset(want, 'a', 64);
	want[64] = '\0';
	audit_entry_set(&e, 1, AUDIT_CONFIG, "user x", 0, "digest=%s file=y", want);
	assert_int_equal(audit_append(a, &e, 1), 0);
	append_many(a, 60);
	audit_close(a);
	a = open_ledger(SMALL_SEGMENT, 2);
	assert_int_equal(audit_config(a, digest), 0);
	assert_string_equal(digest, want);
	audit_close(a);
}

/* ---- what a kill and a full disk leave ---- */

static void test_incomplete_line_is_removed_and_counted(void **state)
{
	(void)state;
	struct seen s;
	struct audit *a = open_ledger(0, 0);
	append_many(a, 3);
	audit_close(a);
	FILE *f = fopen(segment_path(1), "ae");
	assert_non_null(f);
	assert_true(fputs("5\t2026-11-30T20:", f) >= 0);
	assert_int_equal(fclose(f), 0);
	struct audit_totals t = read_ledger(&s);
	assert_int_equal(t.faults, 1);
	assert_ptr_equal(strstr(s.first.cause, "cut"), s.first.cause);
	a = open_ledger(0, 0);
	append_many(a, 1);
	audit_close(a);
	t = read_ledger(&s);
	assert_int_equal(t.faults, 0);
	assert_int_equal(t.recovered, 1);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 4);
}

static void test_segment_without_an_entry_is_begun_again(void **state)
{
	(void)state;
	struct seen s;
	struct audit *a = open_ledger(0, 0);
	append_many(a, 3);
	audit_close(a);
	write_file(segment_path(2), "5\t2026", 6);
	a = open_ledger(0, 0);
	append_many(a, 1);
	audit_close(a);
	assert_int_equal(read_ledger(&s).faults, 0);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 4);
}

static void test_full_disk_leaves_no_part_of_an_entry(void **state)
{
	(void)state;
	struct seen s;
	struct stat st;
	struct rlimit before, small;
	struct audit *a = open_ledger(0, 0);
	append_many(a, 3);
	assert_int_equal(stat(segment_path(1), &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	small = (struct rlimit){.rlim_cur = (rlim_t)st.st_size + 20, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(append_one(a, 9), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	struct audit_totals t = read_ledger(&s);
	assert_int_equal(t.faults, 0);
	assert_int_equal(append_one(a, 9), 0);
	audit_close(a);
	t = read_ledger(&s);
	assert_int_equal(t.faults + t.recovered, 0);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 4);
}

static void test_damage_is_kept_and_named_from_then_on(void **state)
{
	(void)state;
	static char bytes[1 << 16];
	struct seen s;
	struct audit *a = open_ledger(0, 0);
	append_many(a, 9);
	audit_close(a);
	size_t len = read_file(segment_path(1), bytes, sizeof bytes);
	bytes[len / 2] ^= 1;
	write_file(segment_path(1), bytes, len);
	a = open_ledger(0, 0);
	append_many(a, 2);
	audit_close(a);
	assert_int_equal(access(segment_path(2), F_OK), 0);
	assert_true(read_ledger(&s).faults >= 2); /* the change itself, and the entry about it */
	assert_int_equal(s.by_kind[AUDIT_DAMAGED], 1);
	assert_true(s.by_kind[AUDIT_SYNC] >= 10);
}

/* Lines of no end, of many MB: the program goes on in another segment. */
static void test_overlong_segment_is_left_and_named(void **state)
{
	(void)state;
	struct seen s;
	struct stat before, after;
	struct audit *a = open_ledger(0, 0);
	append_many(a, 3);
	audit_close(a);
	assert_int_equal(truncate(segment_path(1), 2 * LIMIT_AUDIT_SEGMENT), 0);
	assert_int_equal(stat(segment_path(1), &before), 0);
	assert_true(read_ledger(&s).faults >= 1);
	assert_ptr_equal(strstr(s.first.cause, "changed"), s.first.cause);
	a = open_ledger(0, 0);
	append_many(a, 2);
	audit_close(a);
	assert_true(read_ledger(&s).faults >= 2);
	assert_int_equal(s.by_kind[AUDIT_DAMAGED], 1);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 5);
	assert_int_equal(stat(segment_path(1), &after), 0);
	assert_int_equal(before.st_size, after.st_size);
}

static void test_removed_ledger_is_named_from_then_on(void **state)
{
	(void)state;
	struct seen s;
	struct audit *a = open_ledger(0, 0);
	append_many(a, 9);
	audit_close(a);
	assert_int_equal(unlink(segment_path(1)), 0);
	read_ledger(&s);
	assert_int_equal(s.faults, 1);
	a = open_ledger(0, 0);
	append_many(a, 2);
	audit_close(a);
	read_ledger(&s);
	assert_true(s.faults >= 1);
	assert_int_equal(s.by_kind[AUDIT_DAMAGED], 1);
	assert_int_equal(s.last.number, 10 + 2 + 2); /* ten before, head and finding, two */
}

static void test_no_ledger_is_no_ledger(void **state)
{
	(void)state;
	const struct audit_reader r = {.owner = NULL};
	struct audit_totals totals;
	assert_int_equal(audit_read(dir, &r, &totals), -ENOENT);
	assert_int_equal(audit_read("no/such/dir", &r, &totals), -ENOENT);
}

/* ---- changes of its files ---- */

enum { LINES_MAX = 256, LEDGER_BYTES = 1 << 16 };

struct ledger {
	char bytes[LEDGER_BYTES]; /* of one segment */
	size_t len;
	size_t start[LINES_MAX + 1]; /* of each line; and the end */
	size_t lines;
};

static void cut_into_lines(struct ledger *l)
{
	l->lines = 0;
	for (size_t at = 0; at < l->len; l->lines++) {
		l->start[l->lines] = at;
		at = (size_t)((char *)memchr(l->bytes + at, '\n', l->len - at) - l->bytes) + 1;
	}
	l->start[l->lines] = l->len;
}

static void remove_line(struct ledger *l, size_t line)
{
	size_t from = l->start[line], to = l->start[line + 1];
	memmove(l->bytes + from, l->bytes + to, l->len - to);
	l->len -= to - from;
}

static void swap_with_next(struct ledger *l, size_t line)
{
	static char both[2 * LIMIT_AUDIT_LINE];
	size_t a = l->start[line], b = l->start[line + 1], end = l->start[line + 2];
	memcpy(both, l->bytes + b, end - b);
	memcpy(both + (end - b), l->bytes + a, b - a);
	memcpy(l->bytes + a, both, end - a);
}

/* Another amount in an entry, with the digest that fits it, as an attacker writes it who knows the
 * format. */
static void forge(struct ledger *l, size_t line)
{
	struct audit_entry before, e;
	char text[LIMIT_AUDIT_LINE];
	assert_int_equal(audit_line_read(&before, (uint8_t *)l->bytes + l->start[line - 1],
				 l->start[line] - l->start[line - 1] - 1),
		0);
	assert_int_equal(audit_line_read(&e, (uint8_t *)l->bytes + l->start[line],
				 l->start[line + 1] - l->start[line] - 1),
		0);
	e.what[strlen(e.what) - 1] ^= 1;
	int n = audit_line_write(text, &e, before.digest);
	assert_int_equal(n, l->start[line + 1] - l->start[line]);
	memcpy(l->bytes + l->start[line], text, (size_t)n);
}

/* A check without a chain: every line is whole, and its number follows. */
static bool unchained_check_passes(const struct ledger *l)
{
	struct audit_entry e;
	uint64_t before = 0;
	for (size_t at = 0; at < l->len;) {
		const char *end = memchr(l->bytes + at, '\n', l->len - at);
		if (end == NULL ||
			audit_line_read(&e, (const uint8_t *)l->bytes + at,
				(size_t)(end - l->bytes) - at) < 0 ||
			(before != 0 && e.number != before + 1))
			return false;
		before = e.number;
		at = (size_t)(end - l->bytes) + 1;
	}
	return true;
}

static void edit(struct ledger *l, unsigned *seed)
{
	size_t line = 1 + (size_t)rand_r(seed) % (l->lines - 2);
	size_t at = l->start[line] + (size_t)rand_r(seed) % (l->start[line + 1] - l->start[line]);
	switch (rand_r(seed) % 7) {
	case 0: /* a bit */
		l->bytes[at] = (char)(l->bytes[at] ^ 1 << (rand_r(seed) % 8));
		break;
	case 1: /* a byte */
		memmove(l->bytes + at, l->bytes + at + 1, l->len - at - 1);
		l->len--;
		break;
	case 2:
		remove_line(l, line);
		break;
	case 3:
		swap_with_next(l, line - 1);
		break;
	case 4: /* the end, at a line */
		l->len = l->start[line];
		break;
	case 5: /* the end, within a line */
		l->len = at + 1 < l->start[line + 1] ? at + 1 : at;
		break;
	default:
		forge(l, line);
		break;
	}
}

static void test_every_change_of_a_segment_is_found(void **state)
{
	(void)state;
	static struct ledger original, changed;
	struct seen s;
	unsigned long rounds = test_count("AUDIT_EDITS"), missed_by_unchained = 0;
	unsigned seed = 12;
	struct audit *a = open_ledger(SMALL_SEGMENT, 0);
	append_many(a, 60);
	audit_close(a);
	unsigned segments = read_ledger(&s).segments;
	assert_int_equal(s.faults, 0);
	for (unsigned long i = 0; i < rounds; i++) {
		char *path = segment_path(1 + (unsigned)i % segments);
		original.len = read_file(path, original.bytes, sizeof original.bytes);
		cut_into_lines(&original);
		changed = original;
		edit(&changed, &seed);
		if (changed.len == original.len &&
			memcmp(changed.bytes, original.bytes, original.len) == 0)
			continue;
		missed_by_unchained += unchained_check_passes(&changed);
		write_file(path, changed.bytes, changed.len);
		read_ledger(&s);
		if (s.faults == 0)
			fail_msg("round %lu: a changed ledger passes", i);
		write_file(path, original.bytes, original.len);
	}
	read_ledger(&s);
	assert_int_equal(s.faults, 0);
	print_message("%lu edits, %lu of them unseen by a check without a chain\n", rounds,
		missed_by_unchained);
	assert_true(missed_by_unchained > rounds / 10); /* the positive control */
}

static void test_removed_segment_is_named(void **state)
{
	(void)state;
	struct seen s;
	struct audit *a = open_ledger(SMALL_SEGMENT, 0);
	append_many(a, 60);
	audit_close(a);
	unsigned segments = read_ledger(&s).segments;
	for (unsigned i = 1; i <= segments; i++) {
		char aside[64];
		(void)snprintf(aside, sizeof aside, "%s/aside", dir);
		assert_int_equal(rename(segment_path(i), aside), 0);
		read_ledger(&s);
		assert_true(s.faults >= 1);
		if (i < segments)
			assert_int_equal(s.first.segment, i);
		assert_int_equal(rename(aside, segment_path(i)), 0);
	}
	assert_int_equal(read_ledger(&s).faults, 0);
}

/* Numbers between are not opened one by one, and the writer goes on with its own ledger. */
static void test_planted_segment_is_named_once(void **state)
{
	(void)state;
	static const unsigned planted[] = {LIMIT_AUDIT_LEAD, 1000, 99999999};
	struct seen s;
	struct audit *a = open_ledger(0, 0);
	append_many(a, 3);
	for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++) {
		write_file(segment_path(planted[i]), "nothing of platen\n", 18);
		read_ledger(&s);
		assert_in_range(s.faults, 1, 4);
		assert_int_equal(s.first.segment, i == 0 ? 2 : planted[i]);
		assert_non_null(strstr(s.first.cause, i == 0 ? "up to the next" : "added"));
		assert_int_equal(access(segment_path(planted[i]), F_OK), 0);
		if (i == 0)
			assert_int_equal(unlink(segment_path(planted[i])), 0);
		append_many(a, 3);
		audit_close(a);
		a = open_ledger(0, 0);
		append_many(a, 1);
		assert_int_equal(access(segment_path(1), F_OK), 0);
		assert_int_equal(access(segment_path(2), F_OK), -1);
		if (i > 0)
			assert_int_equal(unlink(segment_path(planted[i])), 0);
	}
	audit_close(a);
	assert_int_equal(read_ledger(&s).faults, 0);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 15);
}

static void test_exported_file_is_checked_alike(void **state)
{
	(void)state;
	static struct ledger l;
	struct seen s = {.faults = 0};
	struct audit_totals totals;
	const struct audit_reader r = {.on_entry = see_entry, .on_fault = see_fault, .owner = &s};
	struct audit *a = open_ledger(0, 0);
	append_many(a, 20);
	audit_close(a);
	assert_int_equal(audit_read_file(segment_path(1), &r, &totals), 0);
	assert_int_equal(totals.faults, 0);
	assert_int_equal(s.by_kind[AUDIT_SYNC], 20);
	l.len = read_file(segment_path(1), l.bytes, sizeof l.bytes);
	cut_into_lines(&l);
	remove_line(&l, 4);
	write_file(segment_path(1), l.bytes, l.len);
	assert_int_equal(audit_read_file(segment_path(1), &r, &totals), 0);
	assert_int_equal(totals.faults, 1);
	assert_int_equal(s.first.number, 6);
	assert_int_equal(audit_read_file("no such file", &r, &totals), -ENOENT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_entries_are_read_back_in_order_over_segments),
		TEST(test_ledger_goes_on_after_reopening_and_beside_another_writer),
		TEST(test_oldest_segments_go_and_the_chain_stays),
		TEST(test_texts_are_escaped_and_cut),
		TEST(test_digest_of_the_configuration_survives_segments),
		TEST(test_incomplete_line_is_removed_and_counted),
		TEST(test_segment_without_an_entry_is_begun_again),
		TEST(test_full_disk_leaves_no_part_of_an_entry),
		TEST(test_damage_is_kept_and_named_from_then_on),
		TEST(test_overlong_segment_is_left_and_named),
		TEST(test_removed_ledger_is_named_from_then_on),
		TEST(test_no_ledger_is_no_ledger),
		TEST(test_every_change_of_a_segment_is_found),
		TEST(test_removed_segment_is_named),
		TEST(test_planted_segment_is_named_once),
		TEST(test_exported_file_is_checked_alike),
	};
	return cmocka_run_group_tests_name("store/audit", tests, NULL, NULL);
}
