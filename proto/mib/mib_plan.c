/* SPDX-License-Identifier: Apache-2.0
 * The plan of a poll: its phases, and which scalars and columns each brings. */
#include "proto/mib/mib_internal.h"

#include <string.h>

/* ---- names and groups ------------------------------------------------------------------- */

struct oid_ber mib_column_oid(const struct mib_plan *w, const struct mib_cursor *c)
{
	const struct mib_column_def *def = mib_standard_column(c);
	if (def != NULL)
		return (struct oid_ber){(const uint8_t *)def->ber, def->ber_len};
	return mib_family_column(w, c)->oid;
}

uint64_t *mib_open_bits(struct mib_plan *w, enum mib_asked what)
{
	return what == ASKED_SCALARS ? &w->scalars_open
	       : what == ASKED_GETS  ? &w->gets_open
	       : what == ASKED_IDS   ? &w->ids_open
				     : &w->probes_open;
}

struct oid_ber mib_scalar_oid(const struct mib_plan *w, enum mib_asked what, unsigned i)
{
	if (what == ASKED_IDS || what == ASKED_PROBES)
		return mib_probe_oid(w, what, i);
	if (what == ASKED_GETS)
		return w->models->get[w->model->first_get + i].oid;
	return (struct oid_ber){(const uint8_t *)mib_scalars[i].ber, mib_scalars[i].ber_len};
}

static enum reading_group field_group(enum model_field field)
{
	switch (field) {
	case FIELD_METER:
	case FIELD_CODES: /* its counters come first, and the rest hangs on the same answer */
		return GROUP_METERS;
	case FIELD_MODEL:
	case FIELD_SERIAL:
	case FIELD_FIRMWARE:
	case FIELD_DEVICE_ID:
		return GROUP_IDENTITY;
	case FIELD_OPTION:
	case FIELD_SETTING:
		return GROUP_OPTIONS;
	case FIELD_PPM:
	case FIELD_PPM_COLOR:
		return GROUP_MEDIA;
	case FIELD_SUPPLY_PERCENT:
		return GROUP_SUPPLIES;
	case FIELD_LIFE_LEFT:
	case FIELD_LIFE_PERCENT:
	case FIELD_LIFE_USED:
	case FIELD_LIFE_TOTAL:
	case FIELD_INSTALLED:
	case FIELD_COUNT:
		break;
	}
	return GROUP_MAINTENANCE;
}

enum reading_group mib_get_group(const struct model_get *get)
{
	return field_group((enum model_field)get->target.field);
}

enum reading_group mib_table_group(const struct model_table *t)
{
	static const uint8_t groups[ROWS_KIND_COUNT] = {[ROWS_METERS] = GROUP_METERS,
		[ROWS_FIRMWARE] = GROUP_IDENTITY,
		[ROWS_OPTIONS] = GROUP_OPTIONS,
		[ROWS_SETTINGS] = GROUP_OPTIONS,
		[ROWS_SUPPLY_DETAILS] = GROUP_SUPPLIES,
		[ROWS_SUPPLIES] = GROUP_SUPPLIES,
		[ROWS_MAINTENANCE] = GROUP_MAINTENANCE};
	return (enum reading_group)groups[t->rows];
}

uint16_t mib_group_asked(const struct mib_plan *w, unsigned i)
{
	unsigned n = w->asked[i];
	if (w->asked_what == ASKED_COLUMNS)
		return mib_column_group(&w->cursor[n]);
	if (w->asked_what == ASKED_IDS || w->asked_what == ASKED_PROBES)
		return 1u << GROUP_IDENTITY;
	unsigned g = w->asked_what == ASKED_SCALARS
			     ? mib_scalars[n].group
			     : (unsigned)mib_get_group(&w->models->get[w->model->first_get + n]);
	return (uint16_t)(1u << g);
}

/* Groups that change so seldom that not every poll asks for them. */
static bool is_slow(unsigned group)
{
	return group == GROUP_OPTIONS || group == GROUP_MEDIA || group == GROUP_MAINTENANCE;
}

/* ---- life ------------------------------------------------------------------------------- */

/* What is asked of a printer about which nothing is known, and the most that one answer may have:
 * about 1,400 bytes of short varbinds. */
enum { FIRST_VARBINDS = 24, MAX_VARBINDS = 48 };

/* A printer without GETBULK is asked so once more after as many polls: a single error must not
 * make it slow for ever. */
enum { NO_BULK_POLLS = 64 };

uint8_t mib_varbinds_limit(const struct mib_plan *w)
{
	uint8_t most = MAX_VARBINDS;
	if (w->memory->varbinds_limit != 0 && w->memory->varbinds_limit < most)
		most = w->memory->varbinds_limit;
	if (w->model != NULL && w->model->quirks.max_varbinds != 0 &&
		w->model->quirks.max_varbinds < most)
		most = w->model->quirks.max_varbinds;
	if (w->memory->is_safe_mode && w->memory->proven_oids < most)
		most = w->memory->proven_oids > 0 ? w->memory->proven_oids : 1;
	return most;
}

void mib_begin(struct mib_plan *w, struct mib_limits *memory, enum snmp_version version,
	const struct models *models, bool is_incremental)
{
	memset(w, 0, sizeof *w);
	w->memory = memory;
	w->models = models;
	w->version = (uint8_t)version;
	w->is_incremental = is_incremental;
	w->max_varbinds = memory->max_varbinds != 0 ? memory->max_varbinds : FIRST_VARBINDS;
	if (w->max_varbinds > mib_varbinds_limit(w))
		w->max_varbinds = mib_varbinds_limit(w);
	for (unsigned s = 0; s < SCALAR_COUNT; s++) {
		if (!is_incremental || !is_slow(mib_scalars[s].group))
			w->scalars_open |= UINT64_C(1) << s;
	}
	if (memory->has_no_bulk && ++memory->no_bulk_polls >= NO_BULK_POLLS) {
		memory->has_no_bulk = false;
		memory->no_bulk_polls = 0;
		w->is_bulk_trial = true;
	}
}

void mib_limit_to_identity(struct mib_plan *w)
{
	w->is_identity = true;
	for (unsigned s = 0; s < SCALAR_COUNT; s++) {
		if (mib_scalars[s].group != GROUP_IDENTITY)
			w->scalars_open &= ~(UINT64_C(1) << s);
	}
}

struct text mib_context(const struct mib_plan *w)
{
	return w->phase == PHASE_CONTEXT && w->model != NULL ? w->model->quirks.context
							     : (struct text){NULL, 0};
}

/* ---- columns ---------------------------------------------------------------------------- */

/* One column into the plan; `base` is a fixed index part (0 bytes: none). */
static struct mib_cursor *add_column(
	struct mib_plan *w, struct mib_cursor column, const uint8_t *base, size_t base_len)
{
	const struct mib_column_def *def = mib_standard_column(&column);
	const struct model_table *table = def == NULL ? mib_family_table(w, column.table) : NULL;
	unsigned known = w->memory->rows[column.walk];
	column.group = def != NULL ? def->group : (uint8_t)mib_table_group(table);
	column.expected = (uint8_t)(known > 0     ? known - 1u
				    : def != NULL ? mib_first_rows[def->table]
						  : table->first_rows);
	/* A device's index and a model file's part of it may together be longer than any row's. */
	if (w->cursor_count == MIB_CURSORS || base_len >= sizeof column.tail) {
		w->groups_broken |= mib_column_group(&column);
		return NULL;
	}
	struct mib_cursor *c = &w->cursor[w->cursor_count++];
	*c = column;
	c->state = CURSOR_WAITING;
	c->tail_len = c->fixed_len = (uint8_t)base_len;
	if (base_len > 0)
		memcpy(c->tail, base, base_len);
	return c;
}

/* The columns of a table stand together. */
static uint16_t first_column(unsigned table)
{
	uint16_t c = 0;
	while (mib_columns[c].table != table)
		c++;
	return c;
}

/* All columns of a table, or all but one. */
static void add_columns(struct mib_plan *w, unsigned table, unsigned but)
{
	for (uint16_t c = first_column(table); c < COLUMN_COUNT && mib_columns[c].table == table;
		c++) {
		if (c != but)
			(void)add_column(w,
				(struct mib_cursor){.column = c, .walk = (uint8_t)table}, NULL, 0);
	}
}

/* Questions to a printer that is asked with care are few objects each, and far apart. A table that
 * was empty last time is asked for in its first column only: if that has a row, the others follow.
 */
static void add_table(struct mib_plan *w, enum mib_table table)
{
	if (!w->memory->is_safe_mode || w->memory->rows[table] != 1) {
		add_columns(w, table, COLUMN_COUNT);
		return;
	}
	struct mib_cursor *c = add_column(w,
		(struct mib_cursor){.column = first_column(table), .walk = (uint8_t)table}, NULL,
		0);
	if (c != NULL)
		c->is_scout = true;
}

void mib_found_rows(struct mib_plan *w, struct mib_cursor *scout)
{
	scout->is_scout = false;
	add_columns(w, scout->walk, scout->column);
}

/* Only the row of the localization that is in use: the walk starts right before it. */
static void add_charset(struct mib_plan *w)
{
	struct mib_cursor *c = add_column(w,
		(struct mib_cursor){.column = COLUMN_CHARSET, .walk = TABLE_LOCALIZATION}, NULL, 0);
	if (c == NULL || w->localization < 2)
		return;
	size_t n = oid_put_sub(c->tail, 1);
	c->tail_len = (uint8_t)(n + oid_put_sub(c->tail + n, w->localization - 1));
}

/* The columns of one walk through a table of the family. */
static void add_family_walk(
	struct mib_plan *w, unsigned table, unsigned *walks, const uint8_t *base, size_t base_len)
{
	const struct model_table *t = mib_family_table(w, table);
	if (*walks == MIB_MODEL_WALKS) {
		w->groups_broken |= (uint16_t)(1u << mib_table_group(t));
		return;
	}
	uint8_t walk = (uint8_t)(TABLE_COUNT + (*walks)++);
	for (unsigned i = 0; i < t->column_count; i++) {
		struct mib_cursor c = {.column = (uint16_t)(COLUMN_COUNT + t->first_column + i),
			.table = (uint8_t)table,
			.walk = walk};
		(void)add_column(w, c, base, base_len);
	}
}

/* No row calls itself the printer: it is the first one everywhere else. Where nothing at all is
 * told of device rows, the others are looked for where this kind of device has them elsewhere. */
static void suppose_devices(struct mib_plan *w)
{
	static const uint8_t usual[] = {9, 10, 11, 12, 13, 14, 102, 103, 104};
	bool is_told = false;
	for (unsigned i = 0; i < w->device_count; i++)
		is_told = is_told || w->device[i].role != ROLE_UNKNOWN;
	struct mib_device *first = mib_device_row(w, 1);
	if (first != NULL && first->role == ROLE_UNKNOWN)
		first->role = ROLE_PRINTER;
	for (size_t i = 0; i < sizeof usual && !is_told; i++) {
		struct mib_device *other = mib_device_row(w, usual[i]);
		if (other != NULL)
			other->role = ROLE_ANY; /* its rows are told by their labels */
	}
}

/* A table whose index begins with hrDeviceIndex: once for each device row that has a role. */
static void add_each_device(struct mib_plan *w, unsigned table, unsigned *walks)
{
	const struct model_table *t = mib_family_table(w, table);
	if (w->printer_device == 0)
		suppose_devices(w);
	for (unsigned i = 0; i < w->device_count; i++) {
		const struct mib_device *d = &w->device[i];
		uint8_t base[5 + sizeof t->under];
		if (d->role == ROLE_UNKNOWN || d->role == ROLE_NONE)
			continue;
		size_t n = oid_put_sub(base, d->index);
		memcpy(base + n, t->under, t->under_len);
		add_family_walk(w, table, walks, base, n + t->under_len);
	}
}

/* Its walks are numbered in the order of the tables, slow or not, so that the memory of their rows
 * fits from poll to poll. */
static void add_family_tables(struct mib_plan *w, bool wants_slow)
{
	unsigned walks = wants_slow ? MIB_MODEL_WALKS / 2 : 0;
	/* A printer with many device rows has more walks than half, and their rows are of another
	 * kind. */
	memset(w->last_of_walk, 0, sizeof w->last_of_walk);
	memset(w->furthest_of_walk, 0, sizeof w->furthest_of_walk);
	for (unsigned i = 0; w->model != NULL && i < w->model->table_count; i++) {
		const struct model_table *t = mib_family_table(w, i);
		if (is_slow(mib_table_group(t)) != wants_slow)
			continue;
		if (t->is_each_device)
			add_each_device(w, i, &walks);
		else
			add_family_walk(w, i, &walks, t->under, t->under_len);
	}
}

bool mib_has_waiting(const struct mib_plan *w)
{
	for (unsigned i = 0; i < w->cursor_count; i++) {
		if (w->cursor[i].state == CURSOR_WAITING)
			return true;
	}
	return false;
}

/* ---- phases ----------------------------------------------------------------------------- */

bool mib_wants_general(const struct mib_plan *w)
{
	return (w->scalars_failed & 1u << SCALAR_SERIAL) != 0 || w->printer_device > 1;
}

static void begin_devices(struct mib_plan *w)
{
	add_table(w, TABLE_DEVICE);
	add_table(w, TABLE_IF);
	add_table(w, TABLE_PRINTER);
	add_charset(w);
	add_table(w, TABLE_PORT);
	add_table(w, TABLE_MARKER);
}

static void begin_family(struct mib_plan *w)
{
	for (unsigned i = 0; w->model != NULL && i < w->model->get_count; i++) {
		const struct model_get *get = &w->models->get[w->model->first_get + i];
		if (w->is_identity ? mib_get_group(get) == GROUP_IDENTITY
				   : !w->is_incremental || !is_slow(mib_get_group(get)))
			w->gets_open |= UINT64_C(1) << i;
	}
	if (w->max_varbinds > mib_varbinds_limit(w))
		w->max_varbinds = mib_varbinds_limit(w);
}

static void begin_tables(struct mib_plan *w)
{
	if (mib_wants_general(w))
		add_table(w, TABLE_GENERAL);
	if (w->is_identity)
		return;
	add_table(w, TABLE_COLORANT);
	add_table(w, TABLE_SUPPLIES);
	add_table(w, TABLE_ALERT);
	add_family_tables(w, false);
}

/* A host that is no printer may list thousands of programs and disks: it is not asked for them. */
static void begin_parts(struct mib_plan *w)
{
	if (w->is_identity)
		return;
	if (!w->has_printer_mib && w->model == NULL) {
		/* "Has none" is only true of one that could be asked. */
		if (w->groups_broken != 0)
			w->groups_broken |=
				1u << GROUP_OPTIONS | 1u << GROUP_MEDIA | 1u << GROUP_MAINTENANCE;
		return;
	}
	add_table(w, TABLE_SOFTWARE);
	if (w->is_incremental)
		return;
	for (unsigned t = TABLE_STORAGE; t < TABLE_COUNT; t++)
		add_table(w, (enum mib_table)t);
	add_family_tables(w, true);
}

static void begin_context(struct mib_plan *w)
{
	bool is_hidden = w->last_supply == NULL && w->has_printer_mib && !w->memory->has_no_context;
	if (w->is_identity || w->model == NULL || w->model->quirks.context.len == 0 || !is_hidden)
		return;
	add_table(w, TABLE_COLORANT);
	add_table(w, TABLE_SUPPLIES);
}

void mib_next_phase(struct mib_plan *w)
{
	w->cursor_count = 0;
	w->phase++;
	switch ((enum mib_phase)w->phase) {
	case PHASE_DEVICES:
		begin_devices(w);
		break;
	case PHASE_PROBE:
		mib_begin_probe(w);
		break;
	case PHASE_FAMILY:
		begin_family(w);
		break;
	case PHASE_TABLES:
		begin_tables(w);
		break;
	case PHASE_PARTS:
		begin_parts(w);
		break;
	case PHASE_CONTEXT:
		begin_context(w);
		break;
	case PHASE_IDENTIFY:
	case PHASE_OVER:
		break;
	}
}
