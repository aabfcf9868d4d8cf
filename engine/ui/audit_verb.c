/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ui/audit_verb.h"

#include "engine/ui/view.h"
#include "proto/base/grow.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

static const char first_run[] = "nothing is in the audit yet: it begins with the first start";

const struct cli_option audit_show_options[] = {
	CLI_OPTION("since", 's', .type = CLI_TEXT, .value = "TIME",
		.help = "not older than this: 7d, 12h, or 2026-11-30 (UTC)"),
	CLI_OPTION("until", 'u', .type = CLI_TEXT, .value = "TIME",
		.help = "older than this: likewise"),
	{.name = NULL}};

const struct cli_option audit_verify_options[] = {
	CLI_OPTION("peer", 'p', .type = CLI_FILE, .value = "FILE",
		.help = "the exported ledger of the other side: what it has witnessed of this "
			"ledger must be in it"),
	{.name = NULL}};

const char audit_show_details[] =
	"One row for each entry, oldest first: number, time, kind, who, result and what. A user "
	"of the system has its number in the ledger, and here its name too. --json prints one "
	"object a line, with the digest.";
const char audit_verify_details[] =
	"Checks each digest, that no number is missing or out of order, that no segment is missing "
	"and that the end is there; or the same of FILE, an exported ledger. Faults are named with "
	"segment, entry and cause, and the exit code is 1.";
const char audit_export_details[] =
	"Prints the lines of all segments as they lie there, for `audit verify FILE` and for "
	"programs: number, time, kind, who, result, what and digest, with tabs between; "
	"backslashes "
	"and control characters as \\xHH.";

/* A state directory whose ledger cannot be read. */
static int unreadable(const struct cli *cli, int err, const char *dir)
{
	return cli_finish_state(
		cli, err, dir, err == ERR_KEY ? "audit.head is not a regular file" : "", first_run);
}

/* ---- show ---- */

struct showing {
	uint64_t since_ms, until_ms;
	struct table table;
	struct writer w;
	bool is_json;
};

/* A duration back from now, or a day. */
static int read_time(const struct cli *cli, const char *option, uint64_t preset, uint64_t *ret_ms)
{
	const char *value = cli_value(cli, option);
	char full[25];
	uint64_t back_ms, now_ms = cli_wall_ms();
	*ret_ms = preset;
	if (value == NULL)
		return 0;
	if (str_to_ms(value, &back_ms) == 0) {
		*ret_ms = now_ms > back_ms ? now_ms - back_ms : 0;
		return 0;
	}
	if (strlen(value) == 10 &&
		snprintf(full, sizeof full, "%sT00:00:00.000Z", value) < (int)sizeof full &&
		audit_time_read(ret_ms, text_of(full)) == 0)
		return 0;
	return ERR_USAGE;
}

static void put_json(struct writer *w, const struct audit_entry *e)
{
	jw_object(w, NULL);
	jw_uint(w, "number", e->number);
	jw_time(w, "at", e->at_ms);
	jw_str(w, "kind", audit_kind_name(e->kind));
	jw_str(w, "who", e->who);
	jw_str(w, "result", e->result);
	jw_str(w, "what", e->what);
	jw_hex(w, "digest", e->digest, AUDIT_DIGEST);
	jw_end(w);
	writer_char(w, '\n');
}

/* "user 1001 (bob)": the ledger has the number alone. */
static void put_who(struct table *t, const char *who)
{
	struct passwd entry, *found = NULL;
	char bytes[1024], text[LIMIT_AUDIT_WHO + sizeof bytes];
	uint64_t uid;
	bool is_user = text_starts_with(text_of(who), "user ") &&
		       str_to_u64(who + 5, 0, UINT32_MAX, &uid) == 0;
	if (is_user)
		(void)getpwuid_r((uid_t)uid, &entry, bytes, sizeof bytes, &found);
	if (found == NULL) {
		table_str(t, who);
		return;
	}
	(void)snprintf(text, sizeof text, "%s (%s)", who, found->pw_name);
	table_str(t, text);
}

static int show_entry(void *owner, const struct audit_entry *e)
{
	struct showing *s = owner;
	char at[25];
	if (e->at_ms < s->since_ms || e->at_ms >= s->until_ms)
		return 0;
	if (s->is_json) {
		put_json(&s->w, e);
		return s->w.err;
	}
	str_utc(at, e->at_ms);
	table_number(&s->table, e->number);
	table_str(&s->table, at);
	table_str(&s->table, audit_kind_name(e->kind));
	put_who(&s->table, e->who);
	table_str(&s->table, e->result);
	table_str(&s->table, e->what);
	table_end_row(&s->table);
	return 0;
}

int audit_show(const struct cli *cli, const char *dir)
{
	static const char *const names[] = {">number", "time", "kind", "who", "result", "what"};
	static struct showing s;
	struct audit_totals totals;
	const struct audit_reader r = {.on_entry = show_entry, .owner = &s};
	if (read_time(cli, "since", 0, &s.since_ms) < 0 ||
		read_time(cli, "until", UINT64_MAX, &s.until_ms) < 0)
		return cli_usage(cli, "--since and --until take 7d, 12h ... or a day: 2026-11-30");
	s.is_json = cli_has(cli, "json");
	if (s.is_json)
		writer_open_file(&s.w, stdout);
	else
		view_table(&s.table, stdout, names, sizeof names / sizeof names[0]);
	int err = audit_read(dir, &r, &totals);
	int ended = s.is_json ? writer_close(&s.w) : table_end(&s.table);
	if (err < 0)
		return unreadable(cli, err, dir);
	if (totals.faults > 0)
		(void)fprintf(stderr, "%s: %ju fault%s in the audit: see audit verify\n",
			cli->program->name, (uintmax_t)totals.faults, PLURAL_S(totals.faults));
	if (ended == ERR_FULL)
		return cli_fail(
			cli, ended, "more entries than a table holds: use --since or --json");
	return ended < 0 ? cli_fail(cli, ended, "%s", err_text(ended)) : cli_finish(cli);
}

/* ---- verify ---- */

struct witnessed {
	uint8_t digest[AUDIT_DIGEST];
	uint64_t at_ms;
	bool is_found;
};

struct verifying {
	bool is_json;
	struct writer w;
	const char *agent; /* NULL: any */
	struct witnessed *peer;
	size_t peer_count, peer_cap;
	uint64_t first_ms; /* of this ledger */
	uint64_t missing;
};

static void put_fault(void *owner, const struct audit_fault *f)
{
	struct verifying *v = owner;
	if (v->is_json) {
		jw_object(&v->w, NULL);
		jw_uint(&v->w, "segment", f->segment);
		jw_uint(&v->w, "entry", f->number);
		jw_str(&v->w, "cause", f->cause);
		jw_end(&v->w);
	} else if (f->segment > 0) {
		writer_printf(&v->w, "segment %u entry %ju: %s\n", f->segment, (uintmax_t)f->number,
			f->cause);
	} else {
		writer_printf(&v->w, "entry %ju: %s\n", (uintmax_t)f->number, f->cause);
	}
}

static int by_digest(const void *a, const void *b)
{
	return memcmp(((const struct witnessed *)a)->digest, ((const struct witnessed *)b)->digest,
		AUDIT_DIGEST);
}

/* The digest of ours in an entry of the peer. */
static int note_witnessed(void *owner, const struct audit_entry *e)
{
	struct verifying *v = owner;
	struct text hex = audit_entry_word(e, "ledger"), agent = audit_entry_word(e, "agent");
	struct witnessed one = {.at_ms = e->at_ms};
	if ((e->kind != AUDIT_BATCH && e->kind != AUDIT_UPLOAD) ||
		(v->agent != NULL && !text_is(agent, v->agent)) || hex.len != 2 * AUDIT_DIGEST ||
		str_unhex(one.digest, sizeof one.digest, hex.p, hex.len) != AUDIT_DIGEST)
		return 0;
	if (v->peer_count == LIMIT_AUDIT_WITNESSED)
		return ERR_LIMIT;
	struct witnessed *grown =
		grow_by_one(v->peer, v->peer_count, &v->peer_cap, sizeof grown[0]);
	if (grown == NULL)
		return -ENOMEM;
	v->peer = grown;
	v->peer[v->peer_count++] = one;
	return 0;
}

static int find_witnessed(void *owner, const struct audit_entry *e)
{
	struct verifying *v = owner;
	struct witnessed key;
	if (v->first_ms == 0)
		v->first_ms = e->at_ms;
	if (v->peer_count == 0)
		return 0;
	memcpy(key.digest, e->digest, AUDIT_DIGEST);
	struct witnessed *w = bsearch(&key, v->peer, v->peer_count, sizeof key, by_digest);
	if (w == NULL)
		return 0;
	/* The peer may have it several times: all neighbours are equal. */
	while (w > v->peer && by_digest(w - 1, &key) == 0)
		w--;
	for (; w < v->peer + v->peer_count && by_digest(w, &key) == 0; w++)
		w->is_found = true;
	return 0;
}

static int read_peer(const struct cli *cli, struct verifying *v)
{
	const char *path = cli_value(cli, "peer");
	struct audit_totals totals;
	const struct audit_reader r = {.on_entry = note_witnessed, .owner = v};
	if (path == NULL)
		return CLI_OK;
	int err = audit_read_file(path, &r, &totals);
	if (err < 0 && err != ERR_FORMAT)
		return cli_fail(cli, err, "%s: %s", path, err_text(err));
	if (totals.faults > 0 || totals.entries == 0) {
		cli_error(cli, "%s: %s: verify it first", path,
			totals.entries == 0 ? "no ledger of platen" : "it has faults");
		return CLI_FAILED;
	}
	if (v->peer_count > 0)
		qsort(v->peer, v->peer_count, sizeof v->peer[0], by_digest);
	return CLI_OK;
}

static void count_missing(struct verifying *v)
{
	static const uint8_t none[AUDIT_DIGEST];
	for (size_t i = 0; i < v->peer_count; i++) {
		const struct witnessed *w = &v->peer[i];
		/* Older than the oldest kept segment; or of a time before the first entry. */
		bool is_old = w->at_ms < v->first_ms || memcmp(w->digest, none, sizeof none) == 0;
		v->missing += !w->is_found && !is_old;
	}
}

static void put_result_json(
	struct verifying *v, const struct cli *cli, const struct audit_totals *t)
{
	jw_end(&v->w); /* the faults */
	jw_bool(&v->w, "ok", t->faults + v->missing == 0);
	jw_uint(&v->w, "entries", t->entries);
	jw_uint(&v->w, "segments", t->segments);
	jw_uint(&v->w, "first", t->first);
	jw_uint(&v->w, "last", t->last);
	jw_uint(&v->w, "recovered", t->recovered);
	jw_hex(&v->w, "newest", t->newest, AUDIT_DIGEST);
	if (cli_has(cli, "peer")) {
		jw_uint(&v->w, "witnessed", v->peer_count);
		jw_uint(&v->w, "witnessed_missing", v->missing);
	}
	jw_end(&v->w);
	writer_char(&v->w, '\n');
}

static void put_result(struct verifying *v, const struct cli *cli, const struct audit_totals *t)
{
	char newest[2 * AUDIT_DIGEST + 1];
	str_hex(newest, t->newest, AUDIT_DIGEST);
	if (v->missing > 0)
		writer_printf(&v->w,
			"%ju of %zu digests that the other side has witnessed are not in this "
			"ledger: it was rewritten\n",
			(uintmax_t)v->missing, v->peer_count);
	else if (cli_has(cli, "peer"))
		writer_printf(&v->w, "%zu digests that the other side has witnessed are in it\n",
			v->peer_count);
	writer_printf(&v->w, "%ju entries in %u segment%s, %ju to %ju, newest digest %s: ",
		(uintmax_t)t->entries, t->segments, PLURAL_S(t->segments), (uintmax_t)t->first,
		(uintmax_t)t->last, newest);
	if (t->faults + v->missing == 0)
		writer_str(&v->w, "verified\n");
	else
		writer_printf(&v->w, "%ju fault%s\n", (uintmax_t)(t->faults + v->missing),
			PLURAL_S(t->faults + v->missing));
}

int audit_verify(const struct cli *cli, const char *dir, const char *agent)
{
	struct verifying v = {.is_json = cli_has(cli, "json"), .agent = agent};
	const char *file = cli->arg_count > 0 ? cli->args[0] : NULL;
	const struct audit_reader r = {
		.on_entry = find_witnessed, .on_fault = put_fault, .owner = &v};
	struct audit_totals totals;
	int code = read_peer(cli, &v);
	if (code != CLI_OK) {
		free(v.peer);
		return code;
	}
	writer_open_file(&v.w, stdout);
	if (v.is_json) {
		jw_object(&v.w, NULL);
		jw_array(&v.w, "faults");
	}
	int err = file != NULL ? audit_read_file(file, &r, &totals) : audit_read(dir, &r, &totals);
	if (err == 0 && file != NULL && totals.entries == 0)
		err = ERR_FORMAT;
	if (err < 0) {
		free(v.peer);
		return file == NULL
			       ? unreadable(cli, err, dir)
			       : cli_fail(cli, err, "%s: %s", file,
					 err == ERR_FORMAT ? "no ledger of platen" : err_text(err));
	}
	count_missing(&v);
	free(v.peer);
	if (v.is_json)
		put_result_json(&v, cli, &totals);
	else
		put_result(&v, cli, &totals);
	(void)!writer_close(&v.w); /* cli_finish checks stdout */
	code = cli_finish(cli);
	return totals.faults + v.missing > 0 ? CLI_FAILED : code;
}

/* ---- entries of other verbs ---- */

void audit_note_action(
	const struct cli *cli, const char *dir, enum audit_kind kind, int err, const char *what)
{
	int written = audit_note(dir, kind, err, what);
	if (written < 0 && written != -ENOENT)
		cli_error(cli, "%s: the audit is not written: %s", dir, err_text(written));
}

/* ---- export ---- */

static int put_line(void *owner, const uint8_t *line, size_t len)
{
	struct writer *w = owner;
	writer_bytes(w, line, len);
	writer_char(w, '\n');
	return w->err;
}

int audit_export(const struct cli *cli, const char *dir)
{
	struct writer w;
	struct audit_totals totals;
	const struct audit_reader r = {.on_line = put_line, .owner = &w};
	writer_open_file(&w, stdout);
	int err = audit_read(dir, &r, &totals);
	int written = writer_close(&w);
	if (err < 0)
		return unreadable(cli, err, dir);
	return written < 0 ? cli_fail(cli, written, "%s", err_text(written)) : cli_finish(cli);
}
