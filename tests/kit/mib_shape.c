/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/mib_shape.h"

const char shape_model[] =
	"family: shapes\n"
	"root: 1.3.6.1.4.1.32473\n"
	"vendors:\n"
	"  - {vendor: Example, words: [example], objects: [1.3.6.1.4.1.32473]}\n"
	"tables:\n"
	"  - rows: meters\n"
	"    entry: .2.1\n"
	"    columns: {key: [1], value: 2, label: 3}\n"
	"    unknown: keep\n"
	"    targets:\n"
	"      - {key: [1], to: meter, meter: impressions_total, unit: impressions}\n"
	"      - {key: [2], to: meter, meter: vendor, label: Twos}\n"
	"      - {key: [3], skip: true}\n"
	"      - {match: \"fach*\", to: meter, meter: sheets_total, unit: sheets}\n"
	"      - {key: [4], to: meter, meter: sheets_duplex, unit: sheets}\n"
	"  - {rows: firmware, entry: .3.1, columns: {label: 1, value: 2}}\n"
	"  - {rows: settings, entry: .4.1, columns: {label: 1, value: 2}}\n"
	"  - {rows: maintenance, entry: .5.1, columns: {label: 1, life: 2, left: 3}}\n"
	"  - {rows: supply_details, entry: .6.1, columns: {part: 1, serial: 2}}\n"
	"lines: [{name: any, evidence: none}]\n";

const struct shape_def shape_defs[SHAPE_TABLES] = {
	[SHAPE_DEVICE] = {SHAPE_ENTRY("\x19\x03\x02\x01"), GROUP_STATE, 3,
		{{2, KIND_DEVICE_TYPE}, {3, KIND_TEXT}, {5, KIND_SMALL}}},
	[SHAPE_PRINTER] = {SHAPE_ENTRY("\x19\x03\x05\x01"), GROUP_STATE, 2,
		{{1, KIND_SMALL}, {2, KIND_BITS}}},
	[SHAPE_COVER] = {SHAPE_ENTRY("\x2b\x06\x01\x01"), GROUP_MEDIA, 2,
		{{2, KIND_TEXT}, {3, KIND_NUMBER}}},
	[SHAPE_INPUT] = {SHAPE_ENTRY("\x2b\x08\x02\x01"), GROUP_MEDIA, 8,
		{{2, KIND_SMALL}, {8, KIND_SMALL}, {9, KIND_NUMBER}, {10, KIND_NUMBER},
			{11, KIND_NUMBER}, {12, KIND_TEXT}, {13, KIND_TEXT}, {18, KIND_TEXT}}},
	[SHAPE_OUTPUT] = {SHAPE_ENTRY("\x2b\x09\x02\x01"), GROUP_MEDIA, 7,
		{{2, KIND_SMALL}, {3, KIND_SMALL}, {4, KIND_NUMBER}, {5, KIND_NUMBER},
			{6, KIND_NUMBER}, {7, KIND_TEXT}, {12, KIND_TEXT}}},
	[SHAPE_MARKER] = {SHAPE_ENTRY("\x2b\x0a\x02\x01"), GROUP_METERS, 3,
		{{3, KIND_SMALL}, {4, KIND_COUNT}, {5, KIND_COUNT}}},
	[SHAPE_SUPPLIES] = {SHAPE_ENTRY("\x2b\x0b\x01\x01"), GROUP_SUPPLIES, 7,
		{{3, KIND_SMALL}, {4, KIND_SMALL}, {5, KIND_SMALL}, {6, KIND_TEXT}, {7, KIND_SMALL},
			{8, KIND_NUMBER}, {9, KIND_NUMBER}}},
	[SHAPE_COLORANT] = {SHAPE_ENTRY("\x2b\x0c\x01\x01"), GROUP_SUPPLIES, 1, {{4, KIND_TEXT}}},
	[SHAPE_PATH] = {SHAPE_ENTRY("\x2b\x0d\x04\x01"), GROUP_MEDIA, 5,
		{{2, KIND_SMALL}, {4, KIND_NUMBER}, {9, KIND_SMALL}, {10, KIND_TEXT},
			{11, KIND_NUMBER}}},
	[SHAPE_CHANNEL] = {SHAPE_ENTRY("\x2b\x0e\x01\x01"), GROUP_OPTIONS, 2,
		{{2, KIND_SMALL}, {3, KIND_TEXT}}},
	[SHAPE_INTERPRETER] = {SHAPE_ENTRY("\x2b\x0f\x01\x01"), GROUP_OPTIONS, 2,
		{{5, KIND_TEXT}, {6, KIND_TEXT}}},
	[SHAPE_ALERT] = {SHAPE_ENTRY("\x2b\x12\x01\x01"), GROUP_ALERTS, 8,
		{{2, KIND_NUMBER}, {3, KIND_NUMBER}, {4, KIND_NUMBER}, {5, KIND_NUMBER},
			{6, KIND_NUMBER}, {7, KIND_NUMBER}, {8, KIND_TEXT}, {9, KIND_COUNT}}},
	[SHAPE_COUNTERS] = {SHAPE_VENDORS("\x02\x01"), GROUP_METERS, 3,
		{{1, KIND_SMALL}, {2, KIND_COUNT}, {3, KIND_TEXT}}},
	[SHAPE_MODULES] = {SHAPE_VENDORS("\x03\x01"), GROUP_IDENTITY, 2,
		{{1, KIND_TEXT}, {2, KIND_TEXT}}},
	[SHAPE_SETTINGS] = {SHAPE_VENDORS("\x04\x01"), GROUP_OPTIONS, 2,
		{{1, KIND_TEXT}, {2, KIND_TEXT}}},
	[SHAPE_WEAR] = {SHAPE_VENDORS("\x05\x01"), GROUP_MAINTENANCE, 3,
		{{1, KIND_TEXT}, {2, KIND_NUMBER}, {3, KIND_NUMBER}}},
	[SHAPE_DETAILS] = {SHAPE_VENDORS("\x06\x01"), GROUP_SUPPLIES, 2,
		{{1, KIND_TEXT}, {2, KIND_TEXT}}},
};

uint32_t shape_below(struct shape *s, uint32_t n)
{
	s->seed += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = s->seed;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(((z ^ (z >> 31)) >> 32) * n >> 32);
}

bool shape_one_in(struct shape *s, uint32_t n)
{
	return shape_below(s, n) == 0;
}

void shape_put_number(struct shape_cell *c, uint8_t type, int64_t v)
{
	uint8_t bytes[8];
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
	unsigned skip = 0;
	while (skip < 7 && ((bytes[skip] == 0 && bytes[skip + 1] < 0x80) ||
				   (bytes[skip] == 0xff && bytes[skip + 1] >= 0x80)))
		skip++;
	c->type = type;
	c->len = (uint8_t)(8 - skip);
	c->number = v;
	c->has_number = true;
	memcpy(c->bytes, bytes + skip, 8 - skip);
}

void shape_put_bytes(struct shape_cell *c, uint8_t type, const void *p, size_t len)
{
	c->type = type;
	c->len = (uint8_t)len;
	c->has_number = false;
	memcpy(c->bytes, p, len);
}

/* No word here names a colour, a type or a part number; other tests cover these. */
static void shape_put_text(struct shape *s, struct shape_cell *c)
{
	static const struct {
		const char *bytes;
		uint8_t len;
	} texts[] = {{"", 0}, {"Unit 1", 6}, {"Fach 2", 6}, {"Bin  ", 5}, {"a\tb\nc", 5},
		{"Gr\xf6\xdf"
		 "e",
			5},
		{"\xc3\xa9t\xc3\xa9", 5}, {"\xff\xfe\x80", 3}, {"x\0y", 3},
		{"\xe7\xb4\x99\xe7\xb4", 5}, {"0123456789012345678901234567890123456789", 40}};
	uint32_t n = shape_below(s, sizeof texts / sizeof texts[0]);
	shape_put_bytes(c, BER_OCTETS, texts[n].bytes, texts[n].len);
}

static int64_t shape_number(struct shape *s)
{
	static const int64_t some[] = {-3, -2, -1, 0, 1, 2, 50, 100, 101, 18720, 26000, INT32_MAX,
		INT32_MIN, (int64_t)INT32_MAX + 1, UINT32_MAX, INT64_MAX, INT64_MIN, -100, 19};
	if (shape_one_in(s, 2))
		return some[shape_below(s, sizeof some / sizeof some[0])];
	return shape_below(s, shape_one_in(s, 2) ? 200 : 100000);
}

void shape_put_odd(struct shape *s, struct shape_cell *c)
{
	static const uint8_t oid[] = {0x2b, 6, 1};
	static const uint8_t nine[] = {0x80, 1, 2, 3, 4, 5, 6, 7, 8};
	switch (shape_below(s, 8)) {
	case 0:
		c->is_there = false;
		break;
	case 1:
		shape_put_bytes(c, BER_NULL, "", 0);
		break;
	case 2:
		shape_put_bytes(c, BER_OCTETS, "12", 2);
		break;
	case 3:
		shape_put_bytes(c, BER_OID, oid, sizeof oid);
		break;
	case 4:
		shape_put_bytes(c, BER_INTEGER, "", 0);
		break;
	case 5:
		shape_put_bytes(c, BER_INTEGER, nine, sizeof nine);
		break;
	case 6:
		shape_put_bytes(c, BER_IPADDRESS, "\x0a\0\0\1", 4);
		break;
	default:
		shape_put_number(c, BER_INTEGER, shape_number(s));
		break;
	}
}

static void shape_put_device_type(struct shape *s, struct shape_cell *c)
{
	/* hrDeviceOther, Processor, Network, Printer, DiskStorage */
	static const uint8_t last[] = {1, 3, 4, 5, 5, 6};
	uint8_t oid[] = {0x2b, 6, 1, 2, 1, 0x19, 3, 1, 0};
	oid[8] = last[shape_below(s, sizeof last)];
	shape_put_bytes(c, BER_OID, oid, sizeof oid);
}

static void shape_put_value(struct shape *s, struct shape_cell *c, enum shape_kind kind)
{
	static const uint8_t unsigned_types[] = {
		BER_COUNTER32, BER_GAUGE32, BER_TIMETICKS, BER_COUNTER64, BER_INTEGER};
	int64_t v;
	switch (kind) {
	case KIND_NUMBER:
		v = shape_number(s);
		shape_put_number(c, v >= 0 && shape_one_in(s, 8) ? BER_GAUGE32 : BER_INTEGER, v);
		break;
	case KIND_SMALL:
		v = shape_below(s, shape_one_in(s, 2) ? 6 : 34);
		shape_put_number(c, BER_INTEGER, shape_one_in(s, 8) ? shape_number(s) : v);
		break;
	case KIND_COUNT:
		v = shape_one_in(s, 8) ? UINT32_MAX - (int64_t)shape_below(s, 3)
				       : (int64_t)shape_below(s, 4000000);
		shape_put_number(c, unsigned_types[shape_below(s, sizeof unsigned_types)], v);
		break;
	case KIND_TEXT:
		shape_put_text(s, c);
		break;
	case KIND_BITS:
		shape_put_bytes(c, BER_OCTETS, "\x40\x02", shape_below(s, 3));
		break;
	case KIND_DEVICE_TYPE:
		shape_put_device_type(s, c);
		break;
	}
}

/* A 32-bit type with more than 32 bits is no number. */
static void shape_limit_number(struct shape_cell *c)
{
	bool is_narrow =
		c->type == BER_GAUGE32 || c->type == BER_COUNTER32 || c->type == BER_TIMETICKS;
	if (is_narrow && (c->number < 0 || c->number > UINT32_MAX))
		c->has_number = false;
}

/* `odd_in`: one cell of so many is odd. */
static void shape_fill_row(struct shape *s, unsigned table, struct shape_row *row, uint32_t odd_in)
{
	const struct shape_def *def = &shape_defs[table];
	for (unsigned c = 0; c < def->columns; c++) {
		row->cell[c].is_there = true;
		if (shape_one_in(s, odd_in))
			shape_put_odd(s, &row->cell[c]);
		else
			shape_put_value(s, &row->cell[c], (enum shape_kind)def->column[c].kind);
		shape_limit_number(&row->cell[c]);
	}
}

static unsigned shape_row_count(struct shape *s, bool is_rich)
{
	static const uint8_t usual[] = {0, 0, 1, 1, 2, 4};
	static const uint8_t rich[] = {1, 2, 3, 5, 8, 12, 22};
	return is_rich ? rich[shape_below(s, sizeof rich)] : usual[shape_below(s, sizeof usual)];
}

/* Rows in the order of their index: mostly 1, 2, 3 ...; with gaps; under device 0 or several
 * devices; with the largest numbers. */
static void shape_index_rows(struct shape *s, unsigned table, unsigned n)
{
	static const uint32_t devices[] = {1, 1, 1, 1, 0, 2, 7, 0x20000, 0x30001, INT32_MAX};
	bool is_flat = table == SHAPE_DEVICE || table == SHAPE_PRINTER ||
		       (table == SHAPE_SUPPLIES && shape_one_in(s, 16));
	bool has_gaps = shape_one_in(s, 3), is_huge = shape_one_in(s, 12);
	uint32_t device = devices[shape_below(s, sizeof devices / sizeof devices[0])];
	uint32_t index = is_huge ? 0x3ffffc00 : 0;
	for (unsigned i = 0; i < n; i++) {
		struct shape_row *row = &s->row[table][i];
		index += 1 + (has_gaps ? shape_below(s, 9) : 0);
		if (!is_flat && i > 0 && device < INT32_MAX && shape_one_in(s, 10)) {
			device++;
			index = 1;
		}
		row->subs = is_flat ? 1 : 2;
		row->sub[0] = is_flat ? index : device;
		row->sub[1] = index;
	}
	s->rows[table] = n;
}

/* Missing columns: no row has a cell in them. */
static void shape_drop_columns(struct shape *s, unsigned table)
{
	for (unsigned c = 0; c < shape_defs[table].columns; c++) {
		if (!shape_one_in(s, 8))
			continue;
		for (unsigned i = 0; i < s->rows[table]; i++)
			s->row[table][i].cell[c].is_there = false;
	}
}

static void shape_make_table(struct shape *s, unsigned table, unsigned n)
{
	uint32_t odd_in = shape_one_in(s, 4) ? 6 : 1000000;
	shape_index_rows(s, table, n);
	for (unsigned i = 0; i < n; i++)
		shape_fill_row(s, table, &s->row[table][i], odd_in);
	if (shape_one_in(s, 6))
		shape_drop_columns(s, table);
}

/* The rows with a cell in this column. */
static unsigned shape_column_rows(const struct shape *s, unsigned table, unsigned column)
{
	unsigned n = 0;
	for (unsigned i = 0; i < s->rows[table]; i++)
		n += s->row[table][i].cell[column].is_there;
	return n;
}

void shape_draw_behaviour(struct shape *s)
{
	struct shape_behaviour *m = &s->behaviour;
	memset(m, 0, sizeof *m);
	m->is_v1 = shape_one_in(s, 5);
	m->has_no_bulk = shape_one_in(s, 6);
	m->names_no_object = shape_one_in(s, 4);
	m->too_big = (uint8_t)(shape_one_in(s, 6) ? 1 + shape_below(s, 30) : 0);
	m->most = (uint8_t)(shape_one_in(s, 6) ? 1 + shape_below(s, 30) : 0);
	m->rotated = (uint8_t)(shape_one_in(s, 6) ? shape_below(s, 9) : 0);
	m->max_bytes = (uint16_t)(shape_one_in(s, 2) ? 484 : 484 + shape_below(s, 900));
	m->first_varbinds = (uint8_t)(shape_one_in(s, 2) ? 0 : 1 + shape_below(s, 60));
	m->varbinds_limit = (uint8_t)(shape_one_in(s, 8) ? 1 + shape_below(s, 60) : 0);
}

/* More rows than are kept, or as many as are kept of the larger tables. */
static void shape_draw_many(struct shape *s, unsigned t)
{
	unsigned group = shape_defs[t].group;
	if (t == SHAPE_COLORANT)
		return;
	shape_index_rows(s, t,
		group == GROUP_OPTIONS  ? 40
		: group == GROUP_METERS ? 60
					: SHAPE_ROWS);
	for (unsigned i = 0; i < s->rows[t]; i++)
		shape_fill_row(s, t, &s->row[t][i], 1000000);
	if (group == GROUP_OPTIONS || group == GROUP_METERS)
		return;
	s->fault = FAULT_MANY;
	s->fault_table = (uint8_t)t;
}

void shape_draw_fault(struct shape *s)
{
	static const uint8_t tables[] = {SHAPE_COVER, SHAPE_INPUT, SHAPE_OUTPUT, SHAPE_MARKER,
		SHAPE_SUPPLIES, SHAPE_SUPPLIES, SHAPE_COLORANT, SHAPE_PATH, SHAPE_CHANNEL,
		SHAPE_INTERPRETER, SHAPE_ALERT, SHAPE_ALERT, SHAPE_COUNTERS, SHAPE_MODULES,
		SHAPE_SETTINGS, SHAPE_WEAR};
	enum shape_fault fault = (enum shape_fault)(1 + shape_below(s, FAULT_COUNT - 1));
	unsigned t = tables[shape_below(s, sizeof tables)];
	unsigned c = shape_below(s, shape_defs[t].columns);
	if (fault == FAULT_TIMEOUT) {
		s->fault = FAULT_TIMEOUT;
		s->timeout_from = 1 + shape_below(s, 30);
		return;
	}
	if (t >= SHAPE_STANDARD &&
		(!s->is_known || fault == FAULT_MANY || fault == FAULT_LONG_INDEX))
		return;
	if (fault == FAULT_MANY) {
		shape_draw_many(s, t);
		return;
	}
	if (shape_column_rows(s, t, c) < 3)
		return;
	s->fault = (uint8_t)fault;
	s->fault_table = (uint8_t)t;
	s->fault_column = (uint8_t)c;
	s->fault_row = (uint8_t)(1 + shape_below(s, shape_column_rows(s, t, c) - 2));
	if (fault == FAULT_LONG_INDEX) {
		/* Three sub-identifiers instead of two, or four of five bytes each. */
		struct shape_row *last = &s->row[t][s->rows[t] - 1];
		bool is_longest = shape_one_in(s, 2);
		last->subs = is_longest ? 4 : 3;
		last->sub[2] = last->sub[3] = is_longest ? UINT32_MAX : 1;
		last->sub[1] = is_longest ? UINT32_MAX : last->sub[1];
		last->sub[0] = is_longest ? UINT32_MAX : last->sub[0];
		shape_fill_row(s, t, last, 1000000);
	}
}

void shape_draw(struct shape *s, uint64_t number)
{
	static const uint16_t charsets[] = {4, 106, 5, 2004, 0};
	s->seed = number * UINT64_C(0xd1342543de82ef95) + 1;
	s->fault = FAULT_NONE;
	s->is_known = number % 4 == 0 || number % 4 == 2;
	unsigned rich = shape_below(s, SHAPE_TABLES), also = shape_below(s, SHAPE_TABLES);
	for (unsigned t = 0; t < SHAPE_TABLES; t++)
		shape_make_table(s, t, shape_row_count(s, t == rich || t == also));
	if (s->rows[SHAPE_COLORANT] > MIB_COLORANTS)
		s->rows[SHAPE_COLORANT] = MIB_COLORANTS;
	/* The maximum of device rows, those of hrPrinterTable included. */
	if (s->rows[SHAPE_DEVICE] + s->rows[SHAPE_PRINTER] > LIMIT_DEVICE_ROWS)
		s->rows[SHAPE_PRINTER] = LIMIT_DEVICE_ROWS - s->rows[SHAPE_DEVICE];
	s->charset = charsets[shape_below(s, sizeof charsets / sizeof charsets[0])];
	shape_put_number(&s->charset_cell, BER_INTEGER, s->charset);
	s->charset_cell.is_there = s->charset != 0;
	shape_draw_behaviour(s);
}
