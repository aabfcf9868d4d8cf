/* SPDX-License-Identifier: Apache-2.0
 * Printers made by chance (mib_shape.h) are read, and these hold for each:
 *
 *   truth      Every row that the printer holds and that fits is in the reading once, in the order
 *              of its index, with exactly the values that it holds; nothing else is.
 *   honesty    A percent only where level and maximum are known and the level is not above it.
 *   status     A group is complete exactly if everything of it was answered and kept. Of what is
 *              not complete, still nothing is there that the printer does not hold.
 *   isolation  A column that never ends, repeats itself, leaps or fails costs its own group only.
 *   one row    A row that is removed or spoiled changes no other row.
 *   any order  Budget of varbinds, PDU type, version, tooBig, answers cut short or turned, and what
 *              was learned in an earlier visit change nothing of the reading.
 *   an end     A visit ends within as many questions as the printer has objects, times four, and
 *              within the varbinds of a visit whatever it answers. */
#include "tests/unit/mib_shape_agent.h"

#include "engine/core/slab.h"
#include "proto/charset.h"
#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct shape shape;
static struct agent agent;
static struct slab blocks;
static unsigned long number; /* of the printer at hand, for the message */

static void check(bool is_right, const char *what, int line)
{
	const struct shape_manners *m = &shape.manners;
	if (is_right)
		return;
	print_message("printer %lu: fault %u in table %u column %u row %u, silent after %u;\n"
		      "  v1 %d no bulk %d names none %d too big %u most %u turned %u bytes %u "
		      "varbinds %u/%u; rows",
		number, shape.fault, shape.fault_table, shape.fault_column, shape.fault_row,
		shape.silent_after, m->is_v1, m->has_no_bulk, m->names_no_object, m->too_big,
		m->most, m->rotated, m->max_bytes, m->first_varbinds, m->most_varbinds);
	for (unsigned t = 0; t < SHAPE_TABLES; t++)
		print_message(" %u", shape.rows[t]);
	fail_msg("line %d: %s", line, what);
}

#define CHECK(claim) check((claim), #claim, __LINE__)

/* ---- what is expected ------------------------------------------------------------------- */

/* Whether the agent has a value there: NULL is none. */
static bool has_value(const struct shape_cell *c)
{
	return c->is_there && c->type != BER_NULL;
}

static bool is_int32(const struct shape_cell *c)
{
	return has_value(c) && c->has_number && c->number >= INT32_MIN && c->number <= INT32_MAX;
}

static int32_t int_of(const struct shape_cell *c)
{
	return is_int32(c) ? (int32_t)c->number : 0;
}

static uint8_t small_of(const struct shape_cell *c)
{
	return is_int32(c) && c->number > 0 && c->number <= UINT8_MAX ? (uint8_t)c->number : 0;
}

static bool is_count(const struct shape_cell *c)
{
	return has_value(c) && c->has_number && c->number >= 0;
}

static bool has_any(const struct shape_row *row, unsigned columns)
{
	for (unsigned c = 0; c < columns; c++) {
		if (has_value(&row->cell[c]))
			return true;
	}
	return false;
}

/* In a table that is not complete, a value may be missing: `is_loose`. */
static bool is_text(struct text t, const struct shape_cell *c, bool is_loose)
{
	char want[LIMIT_TEXT + 1];
	size_t n = 0;
	if (has_value(c) && c->type == BER_OCTETS)
		n = charset_to_utf8(want, sizeof want, shape.charset, c->bytes, c->len);
	if (is_loose && t.len == 0)
		return true;
	return t.len == n && (n == 0 || memcmp(t.p, want, n) == 0);
}

static bool is_number(int64_t got, int64_t want, bool is_loose)
{
	return got == want || (is_loose && got == 0);
}

static bool is_optional(bool has, int32_t got, const struct shape_cell *c, bool is_loose)
{
	if (!has)
		return is_loose || !is_int32(c);
	return is_int32(c) && got == int_of(c);
}

/* The place of a row: hrDeviceIndex, which Pantum leaves out, and its own. */
static uint32_t device_of(const struct shape_row *row)
{
	return row->subs == 1 ? 0 : row->sub[0];
}

static uint32_t index_of(const struct shape_row *row)
{
	return row->subs == 1 ? row->sub[0] : row->sub[1];
}

/* The next row of the table from *at on that a reading shows; NULL: there is none. */
static const struct shape_row *next_row(unsigned table, unsigned *at)
{
	while (*at < shape.rows[table]) {
		const struct shape_row *row = &shape.row[table][(*at)++];
		if (has_any(row, shape_defs[table].columns))
			return row;
	}
	return NULL;
}

/* The row that this one of the reading is: the next one, or in a loose table a later one. */
static const struct shape_row *expected_row(
	unsigned table, unsigned *at, uint32_t device, uint32_t index, bool is_loose)
{
	const struct shape_row *row = next_row(table, at);
	while (is_loose && row != NULL && (device_of(row) != device || index_of(row) != index))
		row = next_row(table, at);
	CHECK(row != NULL);
	CHECK(row->subs <= 2 && device_of(row) == device && index_of(row) == index);
	return row;
}

/* After the last row of the reading: nothing is left, or not all of it came. */
static void check_end(unsigned table, unsigned at, bool is_loose)
{
	CHECK(is_loose || next_row(table, &at) == NULL);
}

/* ---- truth ------------------------------------------------------------------------------ */

static bool is_lower(struct text t, struct text original)
{
	if (t.len != original.len)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = original.p[i];
		if (t.p[i] != (c >= 'A' && c <= 'Z' ? (char)(c + 32) : c))
			return false;
	}
	return true;
}

/* The colorant is the one that the supply points to, under its own device. */
static void check_colorant(const struct supply *s, bool is_loose)
{
	char want[LIMIT_TEXT_SHORT + 1];
	struct text said = {want, 0};
	if (is_loose)
		return;
	for (unsigned i = 0; i < shape.rows[SHAPE_COLORANT] && s->colorant_index != 0; i++) {
		const struct shape_row *row = &shape.row[SHAPE_COLORANT][i];
		const struct shape_cell *c = &row->cell[0];
		if (row->sub[1] != s->colorant_index || !has_value(c) || row->sub[0] > UINT16_MAX ||
			(s->device != 0 && row->sub[0] != s->device))
			continue;
		if (c->type == BER_OCTETS)
			said.len =
				charset_to_utf8(want, sizeof want, shape.charset, c->bytes, c->len);
		break;
	}
	CHECK(is_lower(s->colorant, said));
}

static void check_honesty(const struct supply *s)
{
	enum { UNIT_PERCENT = 19 };
	double percent = supply_percent(s);
	int64_t whole = s->has_max && s->max > 0 ? s->max : s->unit == UNIT_PERCENT ? 100 : 0;
	bool is_known = s->has_level && s->level >= 0 && whole > 0 && s->level <= whole;
	CHECK((s->level_kind == LEVEL_PERCENT) == is_known);
	CHECK((percent >= 0) == is_known);
	CHECK(percent <= 100);
	if (is_known)
		CHECK(percent * (double)whole - 100.0 * s->level < 0.001 &&
			100.0 * s->level - percent * (double)whole < 0.001);
	CHECK((s->level_kind == LEVEL_SOME) == (s->has_level && s->level == -3));
	CHECK((s->level_kind == LEVEL_UNLIMITED) == (s->has_level && s->level == -1));
	CHECK((s->level_kind == LEVEL_UNITS) == (s->has_level && s->level >= 0 && !is_known));
}

static void check_supplies(const struct reading *r, bool is_loose)
{
	unsigned at = 0, n = 0;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next, n++) {
		const struct shape_row *row =
			expected_row(SHAPE_SUPPLIES, &at, s->device, s->index, is_loose);
		const struct shape_cell *c = row->cell;
		int32_t colorant = int_of(&c[0]);
		CHECK(is_number(s->colorant_index,
			colorant > 0 && colorant <= UINT16_MAX ? colorant : 0, is_loose));
		CHECK(is_number(s->supply_class, small_of(&c[1]), is_loose));
		CHECK(is_number(s->type, small_of(&c[2]), is_loose));
		CHECK(is_text(s->description, &c[3], is_loose));
		CHECK(is_number(s->unit, small_of(&c[4]), is_loose));
		CHECK(is_optional(s->has_max, s->max, &c[5], is_loose));
		CHECK(is_optional(s->has_level, s->level, &c[6], is_loose));
		CHECK(s->part.len == 0 && s->serial.len == 0);
		check_colorant(s, is_loose);
		check_honesty(s);
	}
	CHECK(n == r->supply_count);
	check_end(SHAPE_SUPPLIES, at, is_loose);
}

static void check_alerts(const struct reading *r, bool is_loose)
{
	unsigned at = 0, n = 0;
	for (const struct alert *a = r->alerts; a != NULL; a = a->next, n++) {
		const struct shape_row *row =
			expected_row(SHAPE_ALERT, &at, a->device, a->index, is_loose);
		const struct shape_cell *c = row->cell;
		const int32_t got[] = {
			a->severity, a->training, a->group, a->group_index, a->location, a->code};
		for (unsigned i = 0; i < 6; i++)
			CHECK(is_number(got[i], int_of(&c[i]), is_loose));
		CHECK(is_text(a->description, &c[6], is_loose));
		CHECK(is_number(a->time_cs,
			is_count(&c[7]) && c[7].number <= UINT32_MAX ? c[7].number : 0, is_loose));
	}
	CHECK(n == r->alert_count);
	check_end(SHAPE_ALERT, at, is_loose);
}

/* Each count of a marker is a meter; a marker without one is none. */
static void check_meters(const struct reading *r, bool is_loose)
{
	const struct meter *m = r->meters;
	unsigned n = 0;
	for (unsigned i = 0; i < shape.rows[SHAPE_MARKER]; i++) {
		const struct shape_row *row = &shape.row[SHAPE_MARKER][i];
		for (unsigned c = 1; c <= 2; c++) {
			bool is_here = m != NULL && m->device == row->sub[0] &&
				       m->index == (row->sub[1] << 1 | (c - 1));
			if (!is_here || !is_count(&row->cell[c])) {
				CHECK(!is_here && (is_loose || !is_count(&row->cell[c])));
				continue;
			}
			CHECK(m->value == (uint64_t)row->cell[c].number);
			CHECK(m->name == (c == 1 ? METER_MARKER_LIFE : METER_POWER_ON_IMPRESSIONS));
			CHECK(is_number(m->unit, small_of(&row->cell[0]), is_loose));
			CHECK(m->label.len == 0 && m->source.len > 0 && m->quality == QUALITY_OK);
			m = m->next;
			n++;
		}
	}
	CHECK(m == NULL && n == r->meter_count);
}

struct media_columns {
	uint8_t table;
	int8_t type, unit, max, level, status, name, description, media; /* -1: has none */
};

static const struct media_columns media[SUBUNIT_KIND_COUNT] = {
	[SUBUNIT_TRAY] = {SHAPE_INPUT, 0, 1, 2, 3, 4, 6, 7, 5},
	[SUBUNIT_BIN] = {SHAPE_OUTPUT, 0, 1, 2, 3, 4, 5, 6, -1},
	[SUBUNIT_COVER] = {SHAPE_COVER, -1, -1, -1, -1, 1, -1, 0, -1},
	[SUBUNIT_PATH] = {SHAPE_PATH, 2, 0, 1, -1, 4, -1, 3, -1},
};

static const struct shape_cell *cell_of(const struct shape_row *row, int column)
{
	static const struct shape_cell none;
	return column < 0 ? &none : &row->cell[column];
}

static void check_subunits(const struct reading *r, bool is_loose)
{
	const struct subunit *s = r->subunits;
	unsigned n = 0;
	for (unsigned kind = 0; kind < SUBUNIT_KIND_COUNT; kind++) {
		const struct media_columns *m = &media[kind];
		unsigned at = 0;
		for (; s != NULL && s->kind == kind; s = s->next, n++) {
			const struct shape_row *row =
				expected_row(m->table, &at, s->device, s->index, is_loose);
			CHECK(is_number(s->type, small_of(cell_of(row, m->type)), is_loose));
			CHECK(is_number(s->unit, small_of(cell_of(row, m->unit)), is_loose));
			CHECK(is_optional(s->has_max, s->max, cell_of(row, m->max), is_loose));
			CHECK(is_optional(
				s->has_level, s->level, cell_of(row, m->level), is_loose));
			CHECK(is_optional(
				s->has_status, s->status, cell_of(row, m->status), is_loose));
			CHECK(is_text(s->name, cell_of(row, m->name), is_loose));
			CHECK(is_text(s->description, cell_of(row, m->description), is_loose));
			CHECK(is_text(s->media, cell_of(row, m->media), is_loose));
		}
		check_end(m->table, at, is_loose);
	}
	CHECK(s == NULL && n == r->subunit_count);
}

static void check_option(const struct option *o, const struct shape_row *row, bool is_loose)
{
	if (o->kind == OPTION_INTERPRETER) {
		CHECK(is_text(o->name, &row->cell[0], is_loose));
		CHECK(is_text(o->value, &row->cell[1], is_loose));
		return;
	}
	/* A channel has the name of its type, and its protocol's version for a value. */
	CHECK(is_text(o->value, &row->cell[1], is_loose));
	if (is_loose)
		return;
	if (small_of(&row->cell[0]) == 8)
		CHECK(text_is(o->name, "LPD"));
	else
		CHECK((o->name.len == 0) == (small_of(&row->cell[0]) == 0));
}

static void check_options(const struct reading *r, bool is_loose)
{
	unsigned at[SHAPE_TABLES] = {0}, n = 0;
	for (const struct option *o = r->options; o != NULL; o = o->next, n++) {
		if (o->kind == OPTION_MEMORY) {
			CHECK(text_is(o->value, "256 MiB"));
			continue;
		}
		CHECK(o->kind == OPTION_CHANNEL || o->kind == OPTION_INTERPRETER);
		unsigned table = o->kind == OPTION_CHANNEL ? SHAPE_CHANNEL : SHAPE_INTERPRETER;
		check_option(o, expected_row(table, &at[table], o->device, o->index, is_loose),
			is_loose);
	}
	CHECK(n == r->option_count);
	check_end(SHAPE_CHANNEL, at[SHAPE_CHANNEL], is_loose);
	check_end(SHAPE_INTERPRETER, at[SHAPE_INTERPRETER], is_loose);
}

/* Every part that wears is one of the supplies. */
static void check_maintenance(const struct reading *r, bool is_loose)
{
	const struct supply *s = r->supplies;
	for (const struct maintenance *m = r->maintenance; m != NULL; m = m->next, s = s->next) {
		while (s != NULL && (s->device != m->device || s->index != m->index))
			s = s->next;
		CHECK(s != NULL);
		CHECK(m->type == s->type && m->unit == s->unit);
		CHECK(m->left == (s->has_level && s->level >= 0 ? s->level : -1));
		CHECK(m->life == (s->has_max && s->max > 0 ? s->max : -1));
		CHECK(m->percent_x100 >= -1 && m->percent_x100 <= 10000);
		CHECK(m->used < 0 || m->used == m->life - m->left);
	}
	for (s = r->supplies; s != NULL && !is_loose; s = s->next) {
		enum { FUSER = 15 };
		const struct maintenance *m = r->maintenance;
		while (m != NULL && (m->device != s->device || m->index != s->index))
			m = m->next;
		CHECK(m != NULL || s->type != FUSER);
	}
}

static bool is_complete(const struct reading *r, enum reading_group group)
{
	return r->group[group].status == GROUP_COMPLETE;
}

/* Rows that an endless column made up are nobody's: only their number is bounded. */
static bool is_made_up(enum reading_group group)
{
	return shape.fault == FAULT_ENDLESS && shape_defs[shape.fault_table].group == group;
}

static void check_truth(const struct reading *r)
{
	if (!is_made_up(GROUP_SUPPLIES)) {
		check_supplies(r, !is_complete(r, GROUP_SUPPLIES));
		check_maintenance(r, !is_complete(r, GROUP_MAINTENANCE));
	}
	if (!is_made_up(GROUP_ALERTS))
		check_alerts(r, !is_complete(r, GROUP_ALERTS));
	if (!is_made_up(GROUP_METERS))
		check_meters(r, !is_complete(r, GROUP_METERS));
	if (!is_made_up(GROUP_MEDIA))
		check_subunits(r, !is_complete(r, GROUP_MEDIA));
	if (!is_made_up(GROUP_OPTIONS))
		check_options(r, !is_complete(r, GROUP_OPTIONS));
	CHECK(!r->arena.is_full);
	CHECK(text_is(r->identity.serial, "TEST00042") || !is_complete(r, GROUP_IDENTITY));
}

/* ---- status ----------------------------------------------------------------------------- */

static void check_failed_is_empty(const struct reading *r)
{
	CHECK(r->group[GROUP_SUPPLIES].status != GROUP_FAILED || r->supplies == NULL);
	CHECK(r->group[GROUP_ALERTS].status != GROUP_FAILED || r->alerts == NULL);
	CHECK(r->group[GROUP_METERS].status != GROUP_FAILED || r->meters == NULL);
	CHECK(r->group[GROUP_MEDIA].status != GROUP_FAILED || r->subunits == NULL);
	CHECK(r->group[GROUP_OPTIONS].status != GROUP_FAILED || r->options == NULL);
}

static void check_status(const struct reading *r)
{
	unsigned wrong = GROUP_COUNT;
	if (shape.fault != FAULT_NONE && shape.fault != FAULT_SILENT)
		wrong = shape_defs[shape.fault_table].group;
	for (unsigned g = 0; g < GROUP_COUNT && shape.fault != FAULT_SILENT; g++) {
		bool hangs_on_it = g == GROUP_MAINTENANCE && wrong == GROUP_SUPPLIES;
		CHECK(is_complete(r, (enum reading_group)g) == (g != wrong && !hangs_on_it));
	}
	check_failed_is_empty(r);
}

/* ---- one reading in a few numbers ------------------------------------------------------- */

/* What a row of any kind holds, as a number; rows are told apart by kind and place. */
struct digest {
	uint8_t kind;
	uint32_t device, index;
	uint64_t sum;
};

enum {
	DIGEST_HEAD,
	DIGEST_METER,
	DIGEST_SUPPLY,
	DIGEST_ALERT,
	DIGEST_OPTION,
	DIGEST_SUBUNIT,
	DIGEST_PART,
	DIGESTS = 600
};

struct digests {
	unsigned count;
	struct digest row[DIGESTS];
};

static uint64_t mix(uint64_t sum, uint64_t v)
{
	sum = (sum ^ v) * UINT64_C(0x9fb21c651e98df25);
	return sum ^ sum >> 29;
}

static uint64_t mix_text(uint64_t sum, struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		sum = mix(sum, (uint8_t)t.p[i]);
	return mix(sum, t.len);
}

static void add_digest(
	struct digests *d, unsigned kind, uint32_t device, uint32_t index, uint64_t sum)
{
	CHECK(d->count < DIGESTS);
	d->row[d->count++] = (struct digest){
		.kind = (uint8_t)kind, .device = device, .index = index, .sum = sum};
}

#define MIX(v) sum = mix(sum, (uint64_t)(v))

static void add_head(struct digests *d, const struct reading *r)
{
	const struct identity *i = &r->identity;
	const struct printer_state *s = &r->state;
	const struct text texts[] = {i->vendor, i->model, i->serial, i->sys_descr, i->sys_object_id,
		i->mac, i->name, i->device_id, s->console};
	uint64_t sum = 0;
	for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
		sum = mix_text(sum, texts[t]);
	MIX(i->is_printer), MIX(i->why), MIX(i->confidence), MIX(i->uptime_cs);
	for (const struct firmware *f = i->firmware; f != NULL; f = f->next)
		sum = mix_text(mix_text(sum, f->name), f->version);
	MIX(s->device_status), MIX(s->printer_status), MIX(s->service_mode), MIX(s->has_errors);
	MIX(s->errors), MIX(s->critical_events), MIX(s->all_events);
	MIX(r->pages_per_minute), MIX(r->pages_per_minute_color), MIX(r->sources);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		MIX(r->group[g].status);
	add_digest(d, DIGEST_HEAD, 0, 0, sum);
}

static void add_rows(struct digests *d, const struct reading *r)
{
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		uint64_t sum = mix_text(mix_text(0, m->label), m->source);
		MIX(m->name), MIX(m->unit), MIX(m->quality), MIX(m->value), MIX(m->index);
		add_digest(d, DIGEST_METER, m->device, m->index >> 1, sum);
	}
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		uint64_t sum = mix_text(mix_text(0, s->description), s->colorant);
		sum = mix_text(mix_text(sum, s->part), s->serial);
		MIX(s->type), MIX(s->supply_class), MIX(s->unit), MIX(s->level_kind);
		MIX(s->has_level), MIX(s->has_max), MIX(s->has_level ? s->level : 0);
		MIX(s->has_max ? s->max : 0), MIX(s->colorant_index), MIX(s->source);
		add_digest(d, DIGEST_SUPPLY, s->device, s->index, sum);
	}
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		uint64_t sum = mix_text(0, a->description);
		MIX(a->severity), MIX(a->training), MIX(a->group), MIX(a->group_index);
		MIX(a->location), MIX(a->code), MIX(a->time_cs);
		add_digest(d, DIGEST_ALERT, a->device, a->index, sum);
	}
}

static void add_more_rows(struct digests *d, const struct reading *r)
{
	for (const struct option *o = r->options; o != NULL; o = o->next) {
		uint64_t sum = mix_text(mix_text(0, o->name), o->value);
		add_digest(d, DIGEST_OPTION + 16u * o->kind, o->device, o->index, sum);
	}
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
		uint64_t sum = mix_text(mix_text(mix_text(0, s->name), s->description), s->media);
		MIX(s->type), MIX(s->unit), MIX(s->has_status ? s->status : 0);
		MIX(s->has_level ? s->level : 0), MIX(s->has_max ? s->max : 0);
		MIX(s->has_status), MIX(s->has_level), MIX(s->has_max);
		add_digest(d, DIGEST_SUBUNIT + 16u * s->kind, s->device, s->index, sum);
	}
	for (const struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		uint64_t sum = mix_text(mix_text(mix_text(0, m->name), m->colorant), m->source);
		sum = mix_text(sum, m->installed);
		MIX(m->type), MIX(m->unit), MIX(m->life), MIX(m->used), MIX(m->left);
		MIX(m->percent_x100);
		add_digest(d, DIGEST_PART, m->device, m->index, sum);
	}
}

static void digest_reading(struct digests *d, const struct reading *r)
{
	d->count = 0;
	add_head(d, r);
	add_rows(d, r);
	add_more_rows(d, r);
}

/* ---- visits ----------------------------------------------------------------------------- */

static void visit(struct reading *r, struct mib_memory *memory)
{
	bool is_honest = shape.fault == FAULT_NONE;
	agent_open(&agent, &shape);
	CHECK(agent.count < AGENT_OBJECTS - 16);
	reading_open(r, &blocks);
	CHECK(agent_visit(&agent, memory, r, NULL, is_honest ? 4 * agent.count + 400 : 12000));
	CHECK(agent.varbinds <= LIMIT_VISIT_VARBINDS + LIMIT_VARBINDS ||
		shape.manners.too_big != 0 || shape.manners.most != 0);
}

static struct mib_memory new_memory(void)
{
	return (struct mib_memory){.max_varbinds = shape.manners.first_varbinds,
		.most_varbinds = shape.manners.most_varbinds};
}

static void read_into(struct digests *d, struct mib_memory *memory)
{
	struct reading r;
	visit(&r, memory);
	check_truth(&r);
	check_status(&r);
	digest_reading(d, &r);
	reading_close(&r);
	CHECK(blocks.used == 0);
}

static void check_equal(const struct digest *a, const struct digest *b)
{
	bool is_same = a->kind == b->kind && a->device == b->device && a->index == b->index &&
		       a->sum == b->sum;
	if (!is_same)
		print_message("row %u/%u of %u.%u, then %u/%u of %u.%u\n", a->kind & 15u,
			a->kind >> 4, a->device, a->index, b->kind & 15u, b->kind >> 4, b->device,
			b->index);
	CHECK(is_same);
}

static void check_same(const struct digests *a, const struct digests *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++)
		check_equal(&a->row[i], &b->row[i]);
	CHECK(a->count == b->count);
}

/* Another visit: with what was learned, or of an agent with other manners. */
static void check_any_order(const struct digests *first, struct mib_memory *memory)
{
	static struct digests again;
	struct shape_manners before = shape.manners;
	if (shape_one_in(&shape, 3)) {
		read_into(&again, memory);
	} else {
		shape_draw_manners(&shape);
		struct mib_memory fresh = new_memory();
		read_into(&again, &fresh);
	}
	check_same(first, &again);
	shape.manners = before;
}

static bool is_of(const struct digest *d, unsigned kind, const struct shape_row *row)
{
	bool is_part = kind == DIGEST_SUPPLY && d->kind == DIGEST_PART;
	return (d->kind == kind || is_part) && d->device == device_of(row) &&
	       d->index == index_of(row);
}

static void check_others_same(const struct digests *a, const struct digests *b, unsigned kind,
	const struct shape_row *row)
{
	unsigned k = 0;
	for (unsigned i = 1; i < a->count; i++) {
		if (is_of(&a->row[i], kind, row))
			continue;
		while (k < b->count && (k == 0 || is_of(&b->row[k], kind, row)))
			k++;
		CHECK(k < b->count);
		check_equal(&a->row[i], &b->row[k++]);
	}
	while (k < b->count && (k == 0 || is_of(&b->row[k], kind, row)))
		k++;
	CHECK(k == b->count);
}

static void check_one_row(const struct digests *first)
{
	static struct digests spoiled;
	static const struct {
		uint8_t table, kind;
	} kinds[] = {{SHAPE_SUPPLIES, DIGEST_SUPPLY}, {SHAPE_ALERT, DIGEST_ALERT},
		{SHAPE_MARKER, DIGEST_METER}, {SHAPE_INPUT, DIGEST_SUBUNIT + 16 * SUBUNIT_TRAY},
		{SHAPE_OUTPUT, DIGEST_SUBUNIT + 16 * SUBUNIT_BIN},
		{SHAPE_COVER, DIGEST_SUBUNIT + 16 * SUBUNIT_COVER},
		{SHAPE_PATH, DIGEST_SUBUNIT + 16 * SUBUNIT_PATH},
		{SHAPE_INTERPRETER, DIGEST_OPTION + 16 * OPTION_INTERPRETER},
		{SHAPE_CHANNEL, DIGEST_OPTION + 16 * OPTION_CHANNEL}};
	unsigned n = sizeof kinds / sizeof kinds[0], k = shape_below(&shape, n);
	for (unsigned i = 0; i < n && shape.rows[kinds[k].table] == 0; i++)
		k = (k + 1) % n;
	unsigned t = kinds[k].table;
	if (shape.rows[t] == 0)
		return;
	struct shape_row *row = &shape.row[t][shape_below(&shape, shape.rows[t])];
	bool is_removed = shape_one_in(&shape, 2);
	for (unsigned c = 0; c < shape_defs[t].columns; c++) {
		if (is_removed)
			row->cell[c].is_there = false;
		else
			shape_put_odd(&shape, &row->cell[c]);
	}
	struct mib_memory fresh = new_memory();
	read_into(&spoiled, &fresh);
	check_others_same(first, &spoiled, kinds[k].kind, row);
}

/* ---- the tests -------------------------------------------------------------------------- */

static int open_tables(void **state)
{
	(void)state;
	return charset_open() == 0 &&
			       slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE) == 0
		       ? 0
		       : -1;
}

static int close_tables(void **state)
{
	(void)state;
	slab_close(&blocks);
	charset_close();
	return 0;
}

/* Three of four printers have agents that do their duty, if in their own way. */
static void printers_by_chance(void **state)
{
	(void)state;
	static struct digests first;
	unsigned long count = test_count("MIB_SHAPES");
	for (number = 1; number <= count; number++) {
		shape_draw(&shape, number);
		if (number % 4 == 0)
			shape_draw_fault(&shape);
		struct mib_memory memory = new_memory();
		read_into(&first, &memory);
		if (shape.fault != FAULT_NONE)
			continue;
		if (number % 2 == 0)
			check_any_order(&first, &memory);
		else
			check_one_row(&first);
	}
}

/* The generator makes what it promises: every fault, every manner, and the largest tables. */
static void every_shape_is_drawn(void **state)
{
	(void)state;
	unsigned faults[FAULT_COUNT] = {0}, flat = 0, empty = 0, rich = 0, odd = 0, zero = 0;
	for (number = 1; number <= 4000; number++) {
		shape_draw(&shape, number);
		shape_draw_fault(&shape);
		unsigned n = shape.rows[SHAPE_SUPPLIES];
		faults[shape.fault]++;
		empty += n == 0;
		rich += n == 22;
		flat += n > 0 && shape.row[SHAPE_SUPPLIES][0].subs == 1;
		zero += n > 0 && device_of(&shape.row[SHAPE_SUPPLIES][0]) == 0;
		odd += n > 0 && !is_int32(&shape.row[SHAPE_SUPPLIES][0].cell[6]);
	}
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		assert_true(faults[f] > 10);
	assert_true(flat > 10 && empty > 10 && rich > 10 && odd > 10 && zero > flat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_is_drawn),
		cmocka_unit_test(printers_by_chance),
	};
	return cmocka_run_group_tests(tests, open_tables, close_tables);
}
