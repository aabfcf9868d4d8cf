/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/mib_shape_vendor.h"

#include "proto/base/placeholder.h"

/* A cell's text as UTF-8; empty without a value. */
static struct text vendor_text(const struct shape_cell *c, char room[LIMIT_TEXT_SHORT + 1])
{
	size_t n = 0;
	if (has_value(c) && c->type == BER_OCTETS)
		n = charset_to_utf8(room, LIMIT_TEXT_SHORT + 1, shape.charset, c->bytes, c->len);
	return (struct text){room, n};
}

static bool is_same_text(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static bool is_alike(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.p, b.p, a.len) == 0);
}

/* The first target of shape_model that matches. METER_NAME_COUNT: the row is no meter. */
static enum meter_name name_of_counter(const struct shape_row *row, struct text *label)
{
	int32_t key = is_int32(&row->cell[0]) ? int_of(&row->cell[0]) : -1;
	bool is_fach = label->len >= 4 && strncasecmp(label->p, "fach", 4) == 0;
	if (key == 2)
		*label = TEXT("Twos");
	if (key == 1)
		return METER_IMPRESSIONS_TOTAL;
	if (key == 3)
		return METER_NAME_COUNT;
	if (key != 2 && is_fach)
		return METER_SHEETS_TOTAL;
	if (key == 4)
		return METER_SHEETS_DUPLEX;
	return label->len > 0 ? METER_VENDOR : METER_NAME_COUNT;
}

/* `m` is the first meter after the standard's. A named counter appears once. */
static void check_counters(const struct meter *m)
{
	uint64_t told = 0;
	for (unsigned i = 0; i < shape.rows[SHAPE_COUNTERS] && shape.is_known; i++) {
		const struct shape_row *row = &shape.row[SHAPE_COUNTERS][i];
		char room[LIMIT_TEXT_SHORT + 1];
		struct text label = vendor_text(&row->cell[2], room);
		enum meter_name name = name_of_counter(row, &label);
		if (!is_count(&row->cell[1]) || name == METER_NAME_COUNT ||
			(name != METER_VENDOR && (told >> name & 1) != 0))
			continue;
		told |= UINT64_C(1) << name;
		CHECK(m != NULL && m->name == name);
		CHECK(m->value == (uint64_t)row->cell[1].number);
		CHECK(m->object.len > 0);
		CHECK(name == METER_VENDOR ? is_same_text(m->label, label) : m->label.len == 0);
		m = m->next;
	}
	CHECK(m == NULL);
}

/* Whether an earlier row has a version of the same module. */
static bool is_module_listed(unsigned before, struct text name)
{
	for (unsigned i = 0; i < before; i++) {
		char name_room[LIMIT_TEXT_SHORT + 1], version_room[LIMIT_TEXT_SHORT + 1];
		const struct shape_cell *cell = shape.row[SHAPE_MODULES][i].cell;
		if (text_known(vendor_text(&cell[1], version_room)).len > 0 &&
			is_alike(vendor_text(&cell[0], name_room), name))
			return true;
	}
	return false;
}

/* Each module once, in the order of the rows. */
static void check_modules(const struct reading *r)
{
	const struct firmware *f = r->identity.firmware;
	for (unsigned i = 0; i < shape.rows[SHAPE_MODULES] && shape.is_known; i++) {
		char name_room[LIMIT_TEXT_SHORT + 1], version_room[LIMIT_TEXT_SHORT + 1];
		const struct shape_cell *cell = shape.row[SHAPE_MODULES][i].cell;
		struct text name = vendor_text(&cell[0], name_room);
		struct text version = text_known(vendor_text(&cell[1], version_room));
		if (version.len == 0 || is_module_listed(i, name))
			continue;
		CHECK(f != NULL && is_same_text(f->name, name));
		CHECK(is_same_text(f->version, version));
		f = f->next;
	}
	CHECK(f == NULL);
}

/* Every row with a name is a setting, with its value as text. */
static void check_settings(const struct reading *r)
{
	unsigned settings = 0, rows = 0;
	for (const struct option *o = r->options; o != NULL; o = o->next)
		settings += o->kind == OPTION_SETTING;
	for (unsigned i = 0; i < shape.rows[SHAPE_SETTINGS] && shape.is_known; i++) {
		char name_room[LIMIT_TEXT_SHORT + 1], value_room[LIMIT_TEXT_SHORT + 1];
		const struct shape_row *row = &shape.row[SHAPE_SETTINGS][i];
		struct text name = vendor_text(&row->cell[0], name_room);
		struct text value = vendor_text(&row->cell[1], value_room);
		if (name.len == 0)
			continue;
		const struct option *o = r->options;
		while (o != NULL &&
			(o->kind != OPTION_SETTING || o->index != index_of(row) ||
				!is_same_text(o->name, name) ||
				(!row->cell[1].has_number && !is_same_text(o->value, value))))
			o = o->next;
		CHECK(o != NULL);
		rows++;
	}
	CHECK(settings == rows);
}

static int64_t units_of(const struct shape_cell *c)
{
	return has_value(c) && c->has_number ? c->number : -1;
}

/* The vendor's parts come first; returns the first one after them. */
static const struct maintenance *check_wear(const struct maintenance *m)
{
	for (unsigned i = 0; i < shape.rows[SHAPE_WEAR] && shape.is_known; i++) {
		char room[LIMIT_TEXT_SHORT + 1];
		const struct shape_row *row = &shape.row[SHAPE_WEAR][i];
		struct text name = vendor_text(&row->cell[0], room);
		int64_t life = units_of(&row->cell[1]), left = units_of(&row->cell[2]);
		if (name.len == 0)
			continue;
		bool is_share = life > 0 && left >= 0 && left <= life;
		CHECK(m != NULL && is_same_text(m->name, name));
		CHECK(m->life == life && m->left == left && m->used == -1);
		CHECK((m->percent_x100 >= 0) == is_share && m->percent_x100 <= 10000);
		m = m->next;
	}
	return m;
}

/* Part and serial numbers are those of a row with the supply's index, or none. */
static void check_details(const struct supply *s)
{
	bool is_told = s->part.len == 0 && s->serial.len == 0;
	for (unsigned i = 0; i < shape.rows[SHAPE_DETAILS] && shape.is_known; i++) {
		char part_room[LIMIT_TEXT_SHORT + 1], serial_room[LIMIT_TEXT_SHORT + 1];
		const struct shape_row *row = &shape.row[SHAPE_DETAILS][i];
		is_told |= index_of(row) == s->index &&
			   (s->part.len == 0 ||
				   is_same_text(s->part,
					   text_known(vendor_text(&row->cell[0], part_room)))) &&
			   (s->serial.len == 0 ||
				   is_same_text(s->serial,
					   text_known(vendor_text(&row->cell[1], serial_room))));
	}
	CHECK(is_told || shape.rows[SHAPE_DETAILS] > 1);
}

void check_vendor(const struct reading *r)
{
	const struct meter *m = r->meters;
	while (m != NULL && m->origin == 0)
		m = m->next;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next)
		check_details(s);
	if (is_complete(r, GROUP_METERS))
		check_counters(m);
	if (is_complete(r, GROUP_IDENTITY))
		check_modules(r);
	if (is_complete(r, GROUP_OPTIONS))
		check_settings(r);
	if (is_complete(r, GROUP_MAINTENANCE))
		check_maintenance(r, check_wear(r->maintenance));
}
