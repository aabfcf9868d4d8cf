/* SPDX-License-Identifier: Apache-2.0
 * Parses a profile's text and sorts its table. docs/sim.md has the format. */
#include "tools/sim/profile.h"
#include "tools/sim/profile_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const basis_names[BASIS_COUNT] = {"print_mono", "print_color", "copy_mono",
	"copy_color", "fax_mono", "fax_sent", "scan_email", "scan_network"};

/* A profile's memory comes in blocks that are freed together. */
struct profile_block {
	struct profile_block *older;
	size_t used, size;
	uint64_t bytes[];
};

/* The profile is the owner's first member. */
struct profile_owner {
	struct profile p;
	struct profile_block *block;
};

void *profile_take(struct profile *p, size_t n)
{
	struct profile_owner *o = (struct profile_owner *)p;
	n = (n + 7) & ~(size_t)7;
	if (o->block == NULL || o->block->size - o->block->used < n) {
		size_t size = n > 65536 ? n : 65536;
		struct profile_block *b = calloc(1, sizeof *b + size);
		if (b == NULL)
			return NULL;
		b->older = o->block;
		b->size = size;
		o->block = b;
	}
	void *at = (uint8_t *)o->block->bytes + o->block->used;
	o->block->used += n;
	return at;
}

void profile_close(struct profile *p)
{
	if (p == NULL)
		return;
	struct profile_owner *o = (struct profile_owner *)p;
	while (o->block != NULL) {
		struct profile_block *older = o->block->older;
		free(o->block);
		o->block = older;
	}
	free(p->table.rows);
	free(p->context_table.rows);
	free(p->fact_cells.rows);
	free(p->facts);
	free(p->sections);
	free(o);
}

static struct profile *profile_new(void)
{
	struct profile_owner *o = calloc(1, sizeof *o);
	return o == NULL ? NULL : &o->p;
}

static int row_order(const void *a, const void *b)
{
	return oid_ber_compare(((const struct row *)a)->oid, ((const struct row *)b)->oid);
}

size_t row_find(const struct row_table *t, struct oid_ber oid)
{
	size_t low = 0, high = t->count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (oid_ber_compare(t->rows[mid].oid, oid) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool profile_is_never(const struct profile *p, struct oid_ber oid)
{
	for (size_t i = 0; i < p->excluded_count; i++)
		if (oid_ber_has_prefix(oid, p->never[i]))
			return true;
	return false;
}

/* "let NAME = a + b%30 - 5" */
static int let_line(struct load *l, struct text rest)
{
	struct profile *p = l->p;
	struct text name = load_word(&rest);
	if (!text_is(load_word(&rest), "="))
		return load_fail(l, "let NAME = TERM + TERM ...");
	if (p->step_count == PROFILE_STEPS)
		return load_fail(l, "too many steps");
	struct step s = {.kind = STEP_LET, .first_term = (uint16_t)p->term_count};
	int8_t sign = 1;
	for (;;) {
		struct text word = load_word(&rest);
		struct text percent = word;
		struct text var = load_cell(&percent, '%');
		int64_t n = 100;
		if (percent.len > 0 && load_number(percent, 1, 100, &n) < 0)
			return load_fail(l, "a percentage is 1 to 100");
		if (p->term_count == PROFILE_TERMS)
			return load_fail(l, "too many terms");
		struct term *t = &p->terms[p->term_count++];
		*t = (struct term){.var = -1, .sign = sign, .percent = (uint8_t)n};
		s.terms++;
		int64_t constant;
		if (load_number(var, 0, INT32_MAX, &constant) == 0) {
			t->constant = (uint32_t)constant;
		} else {
			int v = load_var(l, var);
			if (v < 0)
				return v;
			t->var = (int16_t)v;
		}
		word = load_word(&rest);
		if (word.len == 0)
			break;
		if (!text_is(word, "+") && !text_is(word, "-"))
			return load_fail(l, "terms are joined by + or -");
		sign = text_is(word, "+") ? 1 : -1;
	}
	int var = load_new_var(l, name, "");
	if (var < 0)
		return var;
	s.var = (uint16_t)var;
	p->steps[p->step_count++] = s;
	return 0;
}

/* Reads the value of `key` from pairs: "capacity 26000 yield 20000". */
static int pair(
	struct load *l, struct text rest, const char *key, int64_t min, int64_t max, int64_t *ret)
{
	while (rest.len > 0) {
		struct text word = load_word(&rest);
		struct text value = load_word(&rest);
		if (text_is(word, key)) {
			if (load_number(value, min, max, ret) < 0)
				return load_fail(l, "%s is a number from %lld to %lld", key,
					(long long)min, (long long)max);
			return 0;
		}
	}
	return load_fail(l, "\"%s\" is missing", key);
}

/* "supply NAME VAR capacity N yield N low PERCENT" */
static int supply_line(struct load *l, struct text rest)
{
	struct profile *p = l->p;
	struct text name = load_word(&rest);
	int uses = load_var(l, load_word(&rest));
	if (uses < 0)
		return uses;
	int64_t capacity, yield, low;
	if (pair(l, rest, "capacity", 1, 10000000, &capacity) < 0 ||
		pair(l, rest, "yield", 1, 10000000, &yield) < 0 ||
		pair(l, rest, "low", 0, 99, &low) < 0)
		return ERR_FORMAT;
	if (p->step_count == PROFILE_STEPS)
		return load_fail(l, "too many steps");
	int var = load_new_var(l, name, ".left");
	int replaced = load_new_var(l, name, ".replaced");
	int cond = load_new_cond(l, name, ".low");
	int empty = load_new_cond(l, name, ".empty");
	if (var < 0 || replaced < 0 || cond < 0 || empty < 0)
		return ERR_FORMAT;
	p->steps[p->step_count++] = (struct step){.kind = STEP_SUPPLY,
		.var = (uint16_t)var,
		.replaced = (uint16_t)replaced,
		.cond = (uint8_t)cond,
		.uses = (uint16_t)uses,
		.capacity = (uint32_t)capacity,
		.yield = (uint32_t)yield,
		.low_percent = (uint8_t)low};
	return 0;
}

/* "event NAME every N" */
static int event_line(struct load *l, struct text rest)
{
	struct profile *p = l->p;
	struct text name = load_word(&rest);
	int64_t every;
	if (pair(l, rest, "every", 1, 1000000, &every) < 0)
		return ERR_FORMAT;
	if (p->step_count == PROFILE_STEPS)
		return load_fail(l, "too many steps");
	int var = load_new_var(l, name, ".count");
	int cond = load_new_cond(l, name, "");
	if (var < 0 || cond < 0)
		return ERR_FORMAT;
	p->steps[p->step_count++] = (struct step){.kind = STEP_EVENT,
		.var = (uint16_t)var,
		.cond = (uint8_t)cond,
		.every = (uint32_t)every};
	return 0;
}

/* "rate print_mono 3.25": average pages per job. */
static int rate_line(struct load *l, struct text rest)
{
	struct text name = load_word(&rest);
	int basis = load_var(l, name);
	if (basis < 0 || basis >= BASIS_COUNT)
		return load_fail(l, "a rate is of print_mono, print_color, copy_mono ...");
	struct text whole = load_cell(&rest, '.');
	int64_t units, hundredths = 0;
	if (load_number(whole, 0, 1000, &units) < 0 ||
		(rest.len > 0 && (rest.len != 2 || load_number(rest, 0, 99, &hundredths) < 0)))
		return load_fail(l, "a rate is a number with no or two decimals");
	l->p->rate[basis] = (uint32_t)((units * 100 + hundredths) * 256 / 100);
	return 0;
}

static int root_line(struct load *l, struct text rest)
{
	struct text name = load_word(&rest);
	if (l->root_count == LOAD_ROOTS || name.len == 0 || name.len >= LOAD_NAME)
		return load_fail(l, "too many roots, or a wrong name");
	struct load_root *r = &l->root[l->root_count];
	if (load_oid(l, load_word(&rest), &r->oid) < 0)
		return ERR_FORMAT;
	memcpy(r->name, name.p, name.len);
	r->name[name.len] = '\0';
	l->root_count++;
	return 0;
}

/* "table OID 2 integer, 6 string": the columns of the lines up to "end". */
static int table_line(struct load *l, struct text rest)
{
	if (load_oid(l, load_word(&rest), &l->table) < 0)
		return ERR_FORMAT;
	l->column_count = 0;
	while (rest.len > 0) {
		struct text one = load_cell(&rest, ',');
		struct text number = load_word(&one);
		int64_t column;
		if (l->column_count == LOAD_COLUMNS || one.len == 0 || one.len >= LOAD_NAME ||
			load_number(number, 1, UINT32_MAX, &column) < 0)
			return load_fail(l, "a column is its number and its type");
		l->column[l->column_count] = (uint32_t)column;
		memcpy(l->column_type[l->column_count], one.p, one.len);
		l->column_type[l->column_count][one.len] = '\0';
		l->column_count++;
	}
	return l->column_count == 0 ? load_fail(l, "a table has columns") : 0;
}

int load_line_cond(struct load *l, struct text head, int *cond)
{
	*cond = -1;
	if (head.len == 0)
		return 0;
	if (!text_is(load_word(&head), "when"))
		return load_fail(l, "behind the index only \"when CONDITION\" may stand");
	*cond = load_cond(l, head);
	return *cond < 0 ? *cond : 0;
}

/* "1.101 when jam | 4 | ... ": index, condition, one cell per column; "-" for no cell. */
static int cells_line(struct load *l, struct text line)
{
	struct text head = load_cell(&line, '|');
	struct text index_text = load_word(&head);
	struct oid index;
	int cond;
	if (load_oid(l, index_text, &index) < 0 || load_line_cond(l, head, &cond) < 0)
		return ERR_FORMAT;
	for (size_t i = 0; i < l->column_count; i++) {
		if (line.len == 0)
			return load_fail(l, "%zu cells expected", l->column_count);
		struct text value = load_cell(&line, '|');
		if (text_is(value, "-"))
			continue;
		struct oid name = l->table;
		if (name.len + 1u + index.len > LIMIT_OID_SUBIDS)
			return load_fail(l, "the name is too long");
		name.sub[name.len++] = l->column[i];
		memcpy(name.sub + name.len, index.sub, index.len * sizeof index.sub[0]);
		name.len = (uint16_t)(name.len + index.len);
		int err = load_row(l, &name, cond, text_of(l->column_type[i]), value);
		if (err < 0)
			return err;
	}
	return line.len > 0 ? load_fail(l, "too many cells") : 0;
}

static int copy_pattern(struct load *l, struct text rest, char *dst)
{
	uint8_t bytes[PROFILE_NAME - 1];
	int n = load_quoted(l, rest, bytes, sizeof bytes);
	if (n < 0)
		return n;
	memcpy(dst, bytes, (size_t)n);
	dst[n] = '\0';
	return 0;
}

/* "never OID" */
static int never_line(struct load *l, struct text rest)
{
	struct profile *p = l->p;
	struct oid oid;
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	if (p->excluded_count == PROFILE_NEVER)
		return load_fail(l, "too many sub-trees");
	if (load_oid(l, rest, &oid) < 0)
		return ERR_FORMAT;
	int n = oid_encode(ber, sizeof ber, &oid);
	uint8_t *keep = n < 0 ? NULL : profile_take(p, (size_t)n);
	if (keep == NULL)
		return load_fail(l, "this name cannot be encoded");
	memcpy(keep, ber, (size_t)n);
	p->never[p->excluded_count++] = (struct oid_ber){keep, (size_t)n};
	return 0;
}

/* "context NAME": the following rows exist in that SNMP context only; "context" alone ends it. */
static int context_line(struct load *l, struct text rest)
{
	struct profile *p = l->p;
	if (rest.len == 0) {
		l->into = &p->table;
		return 0;
	}
	if (p->context[0] != '\0' || rest.len >= sizeof p->context)
		return load_fail(l, "a profile has one context, with a short name");
	memcpy(p->context, rest.p, rest.len);
	l->into = &p->context_table;
	return 0;
}

static int load_line(struct load *l, struct text line)
{
	struct text rest = line;
	struct text word = load_word(&rest);
	if (word.len == 0 || word.p[0] == '#')
		return 0;
	if (l->table.len > 0) {
		if (text_is(word, "end")) {
			l->table.len = 0;
			return 0;
		}
		return cells_line(l, line);
	}
	if (l->section != NULL) {
		if (text_is(word, "end")) {
			l->section = NULL;
			return 0;
		}
		return load_fact(l, line);
	}
	if (text_is(word, "profile")) {
		if (rest.len == 0 || rest.len >= sizeof l->p->name)
			return load_fail(l, "a profile has a name");
		memcpy(l->p->name, rest.p, rest.len);
		return 0;
	}
	if (text_is(word, "serial"))
		return copy_pattern(l, rest, l->p->serial);
	if (text_is(word, "host"))
		return copy_pattern(l, rest, l->p->host);
	if (text_is(word, "oui"))
		return str_unhex(l->p->oui, 3, rest.p, rest.len) == 3
			       ? 0
			       : load_fail(l, "oui is 6 digits");
	if (text_is(word, "speaks")) {
		l->p->is_v3_only = text_is(rest, "v3");
		return l->p->is_v3_only ? 0 : load_fail(l, "\"speaks v3\" expected");
	}
	if (text_is(word, "rate"))
		return rate_line(l, rest);
	if (text_is(word, "let"))
		return let_line(l, rest);
	if (text_is(word, "supply"))
		return supply_line(l, rest);
	if (text_is(word, "event"))
		return event_line(l, rest);
	if (text_is(word, "root"))
		return root_line(l, rest);
	if (text_is(word, "table"))
		return table_line(l, rest);
	if (text_is(word, "never"))
		return never_line(l, rest);
	if (text_is(word, "context"))
		return context_line(l, rest);
	if (text_is(word, "truth"))
		return load_truth(l, rest);
	int cond = -1;
	if (text_is(word, "when")) {
		cond = load_cond(l, load_word(&rest));
		if (cond < 0)
			return cond;
		word = load_word(&rest);
	}
	struct oid oid;
	if ((word.p[0] != '$' && (word.p[0] < '0' || word.p[0] > '9')) ||
		load_oid(l, word, &oid) < 0)
		return load_fail(l, "unknown word \"%.*s\"", TEXT_ARG(word));
	struct text type = load_word(&rest);
	return load_row(l, &oid, cond, type, rest);
}

static int sort_rows(struct row_table *t, char why[LIMIT_WHY])
{
	if (t->count > 0)
		qsort(t->rows, t->count, sizeof t->rows[0], row_order);
	for (size_t i = 1; i < t->count; i++) {
		if (!oid_ber_is_equal(t->rows[i - 1].oid, t->rows[i].oid))
			continue;
		struct oid o;
		char text[256] = "";
		if (oid_decode(&o, t->rows[i].oid) == 0)
			oid_to_text(text, sizeof text, &o);
		snprintf(why, LIMIT_WHY, "%.160s is there twice", text);
		return ERR_FORMAT;
	}
	return 0;
}

static int finish(struct profile *p, char why[LIMIT_WHY])
{
	if (p->table.count == 0 || p->name[0] == '\0') {
		snprintf(why, LIMIT_WHY, "a profile has a name and rows");
		return ERR_FORMAT;
	}
	int err = sort_rows(&p->table, why);
	return err < 0 ? err : sort_rows(&p->context_table, why);
}

static void name_what_all_have(struct load *l)
{
	for (size_t i = 0; i < BASIS_COUNT; i++)
		str_copy(l->var_name[i], LOAD_NAME, basis_names[i]);
	str_copy(l->var_name[VAR_SINCE_BOOT], LOAD_NAME, "since_boot");
	str_copy(l->var_name[VAR_BOOTS], LOAD_NAME, "boots");
	str_copy(l->var_name[VAR_ENGINE_TIME], LOAD_NAME, "engine_time");
	l->p->var_count = VAR_FIRST_FREE;
	str_copy(l->cond_name[COND_PRINTING], LOAD_NAME, "printing");
	str_copy(l->cond_name[COND_SLEEPING], LOAD_NAME, "sleeping");
	l->cond_count = COND_FIRST_FREE;
}

struct profile *profile_from_text(const char *text, size_t len, char why[LIMIT_WHY])
{
	struct load *l = calloc(1, sizeof *l);
	struct profile *p = profile_new();
	why[0] = '\0';
	int err = l == NULL || p == NULL || len > PROFILE_TEXT ? ERR_LIMIT : 0;
	if (err < 0)
		snprintf(why, LIMIT_WHY, "no memory, or a text over %d bytes", PROFILE_TEXT);
	if (err == 0) {
		l->p = p;
		l->into = &p->table;
		l->why = why;
		name_what_all_have(l);
	}
	for (size_t at = 0; err == 0 && at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end == NULL ? len - at : (size_t)(end - (text + at));
		l->line++;
		err = load_line(l, (struct text){text + at, n});
		at += n + 1;
	}
	if (err == 0)
		err = finish(p, why);
	free(l);
	if (err < 0) {
		profile_close(p);
		return NULL;
	}
	return p;
}

struct profile *profile_from_recording(
	const char *name, const struct recording *w, char why[LIMIT_WHY])
{
	struct profile *p = profile_new();
	if (p == NULL) {
		snprintf(why, LIMIT_WHY, "out of memory");
		return NULL;
	}
	snprintf(p->name, sizeof p->name, "%s", name);
	p->is_recording = true;
	p->var_count = VAR_FIRST_FREE;
	for (size_t i = 0; i < w->count; i++) {
		const struct varbind *vb = &w->rows[i];
		if (profile_add_static(p, &p->table, vb->name, -1, vb->type, vb->value, vb->len) <
			0) {
			snprintf(why, LIMIT_WHY, "row %zu is too long, or there are over %d", i,
				PROFILE_ROWS);
			profile_close(p);
			return NULL;
		}
	}
	if (finish(p, why) < 0) {
		profile_close(p);
		return NULL;
	}
	return p;
}
