/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/mib_shape_check.h"

#include "proto/base/placeholder.h"

struct shape shape;
unsigned long number;

static const struct media_columns media[SUBUNIT_KIND_COUNT] = {
	[SUBUNIT_TRAY] = {SHAPE_INPUT, 0, 1, 2, 3, 4, 6, 7, 5},
	[SUBUNIT_BIN] = {SHAPE_OUTPUT, 0, 1, 2, 3, 4, 5, 6, -1},
	[SUBUNIT_COVER] = {SHAPE_COVER, -1, -1, -1, -1, 1, -1, 0, -1},
	[SUBUNIT_PATH] = {SHAPE_PATH, 2, 0, 1, -1, 4, -1, 3, -1},
};

void shape_check(bool is_right, const char *what, int line)
{
	const struct shape_behaviour *m = &shape.behaviour;
	if (is_right)
		return;
	print_message("printer %lu: fault %u in table %u column %u row %u, silent after %u;\n"
		      "  v1 %d no bulk %d names none %d too big %u most %u turned %u bytes %u "
		      "varbinds %u/%u; rows",
		number, shape.fault, shape.fault_table, shape.fault_column, shape.fault_row,
		shape.timeout_from, m->is_v1, m->has_no_bulk, m->names_no_object, m->too_big,
		m->most, m->rotated, m->max_bytes, m->first_varbinds, m->varbinds_limit);
	for (unsigned t = 0; t < SHAPE_TABLES; t++)
		print_message(" %u", shape.rows[t]);
	fail_msg("line %d: %s", line, what);
}

bool has_value(const struct shape_cell *c)
{
	return c->is_there && c->type != BER_NULL;
}

bool is_int32(const struct shape_cell *c)
{
	return has_value(c) && c->has_number && c->number >= INT32_MIN && c->number <= INT32_MAX;
}

int32_t int_of(const struct shape_cell *c)
{
	return is_int32(c) ? (int32_t)c->number : 0;
}

static uint8_t small_of(const struct shape_cell *c)
{
	return is_int32(c) && c->number > 0 && c->number <= UINT8_MAX ? (uint8_t)c->number : 0;
}

bool is_count(const struct shape_cell *c)
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

static struct text want_of(const struct shape_cell *c, char want[LIMIT_TEXT + 1])
{
	size_t n = 0;
	if (has_value(c) && c->type == BER_OCTETS)
		n = charset_to_utf8(want, LIMIT_TEXT + 1, shape.charset, c->bytes, c->len);
	return (struct text){want, n};
}

/* An incomplete table (`is_loose`) may lack values; a placeholder is none. */
static bool is_text(struct text t, const struct shape_cell *c, bool is_loose)
{
	char want[LIMIT_TEXT + 1];
	return (is_loose && t.len == 0) || text_is_equal(t, text_known(want_of(c, want)));
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

uint32_t device_of(const struct shape_row *row)
{
	return row->subs == 1 ? 0 : row->sub[0];
}

uint32_t index_of(const struct shape_row *row)
{
	return row->subs == 1 ? row->sub[0] : row->sub[1];
}

/* The next row from *at on that the reading should have; NULL: none. */
static const struct shape_row *next_row(unsigned table, unsigned *at)
{
	while (*at < shape.rows[table]) {
		const struct shape_row *row = &shape.row[table][(*at)++];
		if (has_any(row, shape_defs[table].columns))
			return row;
	}
	return NULL;
}

/* The expected row of this one of the reading: the next, or in a loose table a later one. */
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

/* After the last row of the reading: no row is left, unless the table is loose. */
static void check_end(unsigned table, unsigned at, bool is_loose)
{
	CHECK(is_loose || next_row(table, &at) == NULL);
}

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

/* The colorant is the one that the supply refers to, under its own device. */
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
	CHECK(is_lower(s->colorant, text_known(said)));
}

static void check_level(const struct supply *s)
{
	enum { UNIT_PERCENT = 19 };
	double percent = supply_percent(s);
	int64_t whole = s->has_max && s->max > 0 ? s->max : s->unit == UNIT_PERCENT ? 100 : 0;
	bool is_known = s->has_level && s->level >= 0 && whole > 0 && s->level <= whole;
	if (supply_is_receptacle(s) && s->direction == DIRECTION_UNKNOWN) {
		bool is_state = s->level_kind == LEVEL_ALMOST_FULL || s->level_kind == LEVEL_FULL;
		CHECK(percent < 0 && s->level_kind != LEVEL_UNITS);
		CHECK(is_state || (s->level_kind == LEVEL_DIRECTION_UNKNOWN) ==
					  (s->has_level && s->level >= 0));
		return;
	}
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

/* More than 100 percent, without a larger maximum: the unit and the maximum are wrong. */
static bool is_wrong_percent(const struct shape_cell *c)
{
	return small_of(&c[4]) == 19 && int_of(&c[6]) > 100 && int_of(&c[5]) <= 100;
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
		if (is_wrong_percent(c)) {
			CHECK(is_loose || (s->unit == 0 && !s->has_max));
		} else {
			CHECK(is_number(s->unit, small_of(&c[4]), is_loose));
			CHECK(is_optional(s->has_max, s->max, &c[5], is_loose));
		}
		CHECK(is_optional(s->has_level, s->level, &c[6], is_loose));
		CHECK(shape.is_known || (s->part.len == 0 && s->serial.len == 0));
		check_colorant(s, is_loose);
		check_level(s);
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

/* Each counter of a marker is a meter; a marker without counters is none. */
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
			CHECK(m->label.len == 0 && m->object.len > 0 && m->quality == QUALITY_OK);
			m = m->next;
			n++;
		}
	}
	/* The vendor's rows follow. */
	CHECK(m == NULL || m->origin != 0);
	for (; m != NULL; m = m->next)
		n++;
	CHECK(n == r->meter_count);
}

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
	/* A channel has the name of its type, and the version of its protocol as value. */
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
		if (o->kind == OPTION_SETTING && shape.is_known)
			continue;
		CHECK(o->kind == OPTION_CHANNEL || o->kind == OPTION_INTERPRETER);
		unsigned table = o->kind == OPTION_CHANNEL ? SHAPE_CHANNEL : SHAPE_INTERPRETER;
		check_option(o, expected_row(table, &at[table], o->device, o->index, is_loose),
			is_loose);
	}
	CHECK(n == r->option_count);
	check_end(SHAPE_CHANNEL, at[SHAPE_CHANNEL], is_loose);
	check_end(SHAPE_INTERPRETER, at[SHAPE_INTERPRETER], is_loose);
}

void check_maintenance(const struct reading *r, const struct maintenance *first)
{
	const struct supply *s = r->supplies;
	for (const struct maintenance *m = first; m != NULL; m = m->next, s = s->next) {
		while (s != NULL && (s->device != m->device || s->index != m->index))
			s = s->next;
		CHECK(s != NULL);
		CHECK(m->type == s->type && m->unit == s->unit);
		/* A level above its maximum, or without unit and maximum, is not what is left. */
		bool has_max = s->has_max && s->max > 0;
		bool is_count = has_max ? s->level > s->max : s->unit == 0;
		bool is_undirected = supply_percent(s) < 0 && supply_is_receptacle(s);
		is_count = is_count || is_undirected;
		CHECK(m->left == (s->has_level && s->level >= 0 && !is_count ? s->level : -1));
		/* A level in percent without a maximum has the maximum 100. */
		int32_t whole = supply_percent(s) >= 0 ? 100 : -1;
		CHECK(m->life == (s->has_max && s->max > 0 ? s->max : whole));
		CHECK(m->percent_x100 >= -1 && m->percent_x100 <= 10000);
		CHECK(m->used < 0 || m->used == m->life - m->left);
	}
	for (s = r->supplies; s != NULL; s = s->next) {
		enum { FUSER = 15 };
		const struct maintenance *m = first;
		while (m != NULL && (m->device != s->device || m->index != s->index))
			m = m->next;
		CHECK(m != NULL || s->type != FUSER);
	}
}

bool is_complete(const struct reading *r, enum reading_group group)
{
	return r->group[group].status == GROUP_COMPLETE;
}

/* Rows that an endless column invents are not checked, only counted. */
static bool is_made_up(enum reading_group group)
{
	return shape.fault == FAULT_ENDLESS && shape_defs[shape.fault_table].group == group;
}

void check_truth(const struct reading *r)
{
	if (!is_made_up(GROUP_SUPPLIES))
		check_supplies(r, !is_complete(r, GROUP_SUPPLIES));
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
