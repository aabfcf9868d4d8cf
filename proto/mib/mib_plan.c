/* SPDX-License-Identifier: Apache-2.0
 * The plan of a poll: its phases, and the scalars and columns of each. */
#include "proto/mib/mib_internal.h"

#include <string.h>

/* ---- names and groups ------------------------------------------------------------------- */

struct oid_ber mib_column_oid(const struct mib_plan *plan, const struct mib_cursor *c)
{
	const struct mib_column_def *def = mib_standard_column(c);
	if (def != NULL)
		return (struct oid_ber){(const uint8_t *)def->ber, def->ber_len};
	return mib_family_column(plan, c)->oid;
}

uint64_t *mib_open_bits(struct mib_plan *plan, enum mib_request_kind what)
{
	return what == REQUEST_SCALARS      ? &plan->scalars_open
	       : what == REQUEST_GETS       ? &plan->gets_open
	       : what == REQUEST_DEVICE_IDS ? &plan->ids_open
	       : what == REQUEST_SERIALS    ? &plan->serials_open
					    : &plan->probes_open;
}

struct oid_ber mib_scalar_oid(const struct mib_plan *plan, enum mib_request_kind what, unsigned i)
{
	if (what == REQUEST_DEVICE_IDS || what == REQUEST_SERIALS || what == REQUEST_PROBES)
		return mib_probe_oid(plan, what, i);
	if (what == REQUEST_GETS)
		return plan->models->get[plan->model->first_get + i].oid;
	return (struct oid_ber){(const uint8_t *)mib_scalars[i].ber, mib_scalars[i].ber_len};
}

static enum reading_group field_group(enum model_field field)
{
	switch (field) {
	case FIELD_METER:
	case FIELD_CODES: /* counters come first, and the other records are in the same response */
		return GROUP_METERS;
	case FIELD_MODEL:
	case FIELD_SERIAL:
	case FIELD_FIRMWARE:
	case FIELD_DEVICE_ID:
	case FIELD_ASSET:
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

uint16_t mib_requested_group(const struct mib_plan *plan, unsigned i)
{
	unsigned n = plan->requested[i];
	if (plan->request_kind == REQUEST_COLUMNS)
		return mib_column_group(&plan->cursor[n]);
	if (plan->request_kind >= REQUEST_DEVICE_IDS)
		return 1u << GROUP_IDENTITY;
	unsigned g =
		plan->request_kind == REQUEST_SCALARS
			? mib_scalars[n].group
			: (unsigned)mib_get_group(&plan->models->get[plan->model->first_get + n]);
	return (uint16_t)(1u << g);
}

/* Groups that an incremental poll leaves out. */
static bool is_slow(unsigned group)
{
	return group == GROUP_OPTIONS || group == GROUP_MEDIA || group == GROUP_MAINTENANCE;
}

/* ---- life ------------------------------------------------------------------------------- */

/* Varbinds wanted in a response of an unknown printer, and the maximum for any: about 1,400 bytes
 * of short varbinds. */
enum { FIRST_VARBINDS = 24, MAX_VARBINDS = 48 };

/* GETBULK is tried again after as many polls: a single error must not make a printer slow for ever.
 */
enum { NO_BULK_POLLS = 64 };

uint8_t mib_varbinds_limit(const struct mib_plan *plan)
{
	uint8_t most = MAX_VARBINDS;
	if (plan->limits->varbinds_limit != 0 && plan->limits->varbinds_limit < most)
		most = plan->limits->varbinds_limit;
	if (plan->model != NULL && plan->model->quirks.max_varbinds != 0 &&
		plan->model->quirks.max_varbinds < most)
		most = plan->model->quirks.max_varbinds;
	if (plan->limits->is_safe_mode && plan->limits->proven_oids < most)
		most = plan->limits->proven_oids > 0 ? plan->limits->proven_oids : 1;
	return most;
}

void mib_begin(struct mib_plan *plan, struct mib_limits *limits, enum snmp_version version,
	const struct models *models, bool is_incremental)
{
	memset(plan, 0, sizeof *plan);
	plan->limits = limits;
	plan->models = models;
	plan->version = (uint8_t)version;
	plan->is_incremental = is_incremental;
	plan->max_varbinds = limits->max_varbinds != 0 ? limits->max_varbinds : FIRST_VARBINDS;
	if (plan->max_varbinds > mib_varbinds_limit(plan))
		plan->max_varbinds = mib_varbinds_limit(plan);
	for (unsigned s = 0; s < SCALAR_OPTIONAL; s++) {
		if (!is_incremental || !is_slow(mib_scalars[s].group))
			plan->scalars_open |= UINT64_C(1) << s;
	}
	if (limits->has_no_bulk && ++limits->no_bulk_polls >= NO_BULK_POLLS) {
		limits->has_no_bulk = false;
		limits->no_bulk_polls = 0;
		plan->is_bulk_trial = true;
	}
}

void mib_add_optional(struct mib_plan *plan, unsigned optional)
{
	static const struct {
		unsigned bit;
		enum mib_scalar scalar;
	} rows[] = {{OPTIONAL_CONTACT, SCALAR_SYS_CONTACT}, {OPTIONAL_NAME, SCALAR_SYS_NAME},
		{OPTIONAL_LOCATION, SCALAR_SYS_LOCATION}};
	plan->optional = (uint8_t)optional;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if ((optional & rows[i].bit) != 0)
			plan->scalars_open |= UINT64_C(1) << rows[i].scalar;
	}
}

void mib_limit_to_identity(struct mib_plan *plan)
{
	plan->is_identity = true;
	for (unsigned s = 0; s < SCALAR_COUNT; s++) {
		if (mib_scalars[s].group != GROUP_IDENTITY)
			plan->scalars_open &= ~(UINT64_C(1) << s);
	}
}

struct text mib_context(const struct mib_plan *plan)
{
	return plan->phase == PHASE_CONTEXT && plan->model != NULL ? plan->model->quirks.context
								   : (struct text){NULL, 0};
}

/* ---- columns ---------------------------------------------------------------------------- */

/* Adds one column; `base` is a fixed part of the index (0 bytes: none). */
static struct mib_cursor *add_column(
	struct mib_plan *plan, struct mib_cursor column, const uint8_t *base, size_t base_len)
{
	const struct mib_column_def *def = mib_standard_column(&column);
	const struct model_table *table = def == NULL ? mib_family_table(plan, column.table) : NULL;
	unsigned known = plan->limits->rows[column.walk];
	column.group = def != NULL ? def->group : (uint8_t)mib_table_group(table);
	column.expected = (uint8_t)(known > 0     ? known - 1u
				    : def != NULL ? mib_first_rows[def->table]
						  : table->first_rows);
	if (mib_is_endless(plan, column.walk))
		column.expected = ENDLESS_ROWS;
	/* The device index and the model file's part may together exceed any index. */
	if (plan->cursor_count == MIB_CURSORS || base_len >= sizeof column.tail) {
		plan->groups_broken |= mib_column_group(&column);
		return NULL;
	}
	struct mib_cursor *c = &plan->cursor[plan->cursor_count++];
	*c = column;
	c->state = CURSOR_WAITING;
	c->tail_len = c->fixed_len = (uint8_t)base_len;
	if (base_len > 0)
		memcpy(c->tail, base, base_len);
	return c;
}

/* The columns of a table are adjacent. */
static uint16_t first_column(unsigned table)
{
	uint16_t c = 0;
	while (mib_columns[c].table != table)
		c++;
	return c;
}

/* All columns of a table, or all but one. */
static void add_columns(struct mib_plan *plan, unsigned table, unsigned but)
{
	for (uint16_t c = first_column(table); c < COLUMN_COUNT && mib_columns[c].table == table;
		c++) {
		if (c != but && c != COLUMN_INPUT_VENDOR)
			(void)add_column(plan,
				(struct mib_cursor){.column = c, .walk = (uint8_t)table}, NULL, 0);
	}
}

void mib_add_vendor_columns(struct mib_plan *plan)
{
	if (!plan->has_printer_mib)
		return;
	(void)add_column(plan,
		(struct mib_cursor){.column = COLUMN_INPUT_VENDOR, .walk = TABLE_INPUT}, NULL, 0);
	if (!plan->is_identity)
		(void)add_column(plan,
			(struct mib_cursor){.column = COLUMN_SUPPLY_DESCR, .walk = TABLE_SUPPLIES},
			NULL, 0);
}

/* In safe mode a table that was empty last time is requested by its first column only; with its
 * first row the other columns follow. */
static void add_table(struct mib_plan *plan, enum mib_table table)
{
	if (!plan->limits->is_safe_mode || plan->limits->rows[table] != 1) {
		add_columns(plan, table, COLUMN_COUNT);
		return;
	}
	struct mib_cursor *c = add_column(plan,
		(struct mib_cursor){.column = first_column(table), .walk = (uint8_t)table}, NULL,
		0);
	if (c != NULL)
		c->is_trial = true;
}

void mib_add_remaining_columns(struct mib_plan *plan, struct mib_cursor *trial)
{
	trial->is_trial = false;
	add_columns(plan, trial->walk, trial->column);
}

/* Only the row of the current localization: the walk starts right before it. */
static void add_charset(struct mib_plan *plan)
{
	struct mib_cursor *c = add_column(plan,
		(struct mib_cursor){.column = COLUMN_CHARSET, .walk = TABLE_LOCALIZATION}, NULL, 0);
	if (c == NULL || plan->localization < 2)
		return;
	size_t n = oid_put_sub(c->tail, 1);
	c->tail_len = (uint8_t)(n + oid_put_sub(c->tail + n, plan->localization - 1));
}

/* The columns of one walk through a table of the family. */
static void add_family_walk(struct mib_plan *plan, unsigned table, unsigned *walks,
	const uint8_t *base, size_t base_len)
{
	const struct model_table *t = mib_family_table(plan, table);
	if (*walks == MIB_MODEL_WALKS) {
		plan->groups_broken |= (uint16_t)(1u << mib_table_group(t));
		return;
	}
	uint8_t walk = (uint8_t)(TABLE_COUNT + (*walks)++);
	for (unsigned i = 0; i < t->column_count; i++) {
		struct mib_cursor c = {.column = (uint16_t)(COLUMN_COUNT + t->first_column + i),
			.table = (uint8_t)table,
			.walk = walk};
		(void)add_column(plan, c, base, base_len);
	}
}

/* No row is of type hrDevicePrinter: the printer is row 1. Without any device rows, rows are
 * assumed where this kind of device has them. */
static void assume_device_rows(struct mib_plan *plan)
{
	static const uint8_t usual[] = {9, 10, 11, 12, 13, 14, 102, 103, 104};
	bool has_roles = false;
	for (unsigned i = 0; i < plan->device_count; i++)
		has_roles = has_roles || plan->device[i].role != ROLE_UNKNOWN;
	struct mib_device *first = mib_device_row(plan, 1);
	if (first != NULL && first->role == ROLE_UNKNOWN)
		first->role = ROLE_PRINTER;
	for (size_t i = 0; i < sizeof usual && !has_roles; i++) {
		struct mib_device *other = mib_device_row(plan, usual[i]);
		if (other != NULL)
			other->role = ROLE_ANY; /* the label of such a row gives its meaning */
	}
}

/* A table whose index begins with hrDeviceIndex: one walk for each device row with a role. */
static void add_each_device(struct mib_plan *plan, unsigned table, unsigned *walks)
{
	const struct model_table *t = mib_family_table(plan, table);
	if (plan->printer_device == 0)
		assume_device_rows(plan);
	for (unsigned i = 0; i < plan->device_count; i++) {
		const struct mib_device *d = &plan->device[i];
		uint8_t base[5 + sizeof t->under];
		if (d->role == ROLE_UNKNOWN || d->role == ROLE_NONE)
			continue;
		size_t n = oid_put_sub(base, d->index);
		memcpy(base + n, t->under, t->under_len);
		add_family_walk(plan, table, walks, base, n + t->under_len);
	}
}

/* Walks are numbered in the order of the tables, slow or not, so that the row counts in struct
 * mib_limits match from poll to poll. */
static void add_family_tables(struct mib_plan *plan, bool is_slow_wanted)
{
	unsigned walks = is_slow_wanted ? MIB_MODEL_WALKS / 2 : 0;
	/* A printer with many device rows has more walks than half, and their rows are of another
	 * kind. */
	memset(plan->last_of_walk, 0, sizeof plan->last_of_walk);
	memset(plan->furthest_of_walk, 0, sizeof plan->furthest_of_walk);
	for (unsigned i = 0; plan->model != NULL && i < plan->model->table_count; i++) {
		const struct model_table *t = mib_family_table(plan, i);
		if (is_slow(mib_table_group(t)) != is_slow_wanted)
			continue;
		if (t->is_each_device)
			add_each_device(plan, i, &walks);
		else
			add_family_walk(plan, i, &walks, t->under, t->under_len);
	}
}

bool mib_has_waiting(const struct mib_plan *plan)
{
	for (unsigned i = 0; i < plan->cursor_count; i++) {
		if (plan->cursor[i].state == CURSOR_WAITING)
			return true;
	}
	return false;
}

/* ---- phases ----------------------------------------------------------------------------- */

/* Row 1 of prtGeneralTable, requested with the scalars, may not be the printer's. */
static bool mib_needs_general_table(const struct mib_plan *plan)
{
	return (plan->scalars_failed & 1u << SCALAR_SERIAL) != 0 || plan->printer_device > 1;
}

static void begin_devices(struct mib_plan *plan)
{
	add_table(plan, TABLE_DEVICE);
	add_table(plan, TABLE_IF);
	add_table(plan, TABLE_PRINTER);
	add_charset(plan);
	add_table(plan, TABLE_PORT);
	add_table(plan, TABLE_MARKER);
}

static void begin_family(struct mib_plan *plan)
{
	for (unsigned i = 0; plan->model != NULL && i < plan->model->get_count; i++) {
		const struct model_get *get = &plan->models->get[plan->model->first_get + i];
		if (get->target.field == FIELD_ASSET && (plan->optional & OPTIONAL_ASSET) == 0)
			continue;
		if (plan->is_identity ? mib_get_group(get) == GROUP_IDENTITY
				      : !plan->is_incremental || !is_slow(mib_get_group(get)))
			plan->gets_open |= UINT64_C(1) << i;
	}
	if (plan->max_varbinds > mib_varbinds_limit(plan))
		plan->max_varbinds = mib_varbinds_limit(plan);
}

static void begin_tables(struct mib_plan *plan)
{
	if (mib_needs_general_table(plan))
		add_table(plan, TABLE_GENERAL);
	if (plan->is_identity)
		return;
	add_table(plan, TABLE_COLORANT);
	add_table(plan, TABLE_SUPPLIES);
	add_table(plan, TABLE_ALERT);
	add_family_tables(plan, false);
}

/* A host that is no printer may list thousands of programs and disks: these are not requested. */
static void begin_parts(struct mib_plan *plan)
{
	if (plan->is_identity)
		return;
	if (!plan->has_printer_mib && plan->model == NULL) {
		/* "None" is only known of a device that responded. */
		if (plan->groups_broken != 0)
			plan->groups_broken |=
				1u << GROUP_OPTIONS | 1u << GROUP_MEDIA | 1u << GROUP_MAINTENANCE;
		return;
	}
	add_table(plan, TABLE_SOFTWARE);
	if (plan->is_incremental)
		return;
	for (unsigned t = TABLE_STORAGE; t < TABLE_COUNT; t++)
		add_table(plan, (enum mib_table)t);
	add_family_tables(plan, true);
}

static void begin_context(struct mib_plan *plan)
{
	bool is_hidden =
		plan->last_supply == NULL && plan->has_printer_mib && !plan->limits->has_no_context;
	if (plan->is_identity || plan->model == NULL || plan->model->quirks.context.len == 0 ||
		!is_hidden)
		return;
	add_table(plan, TABLE_COLORANT);
	add_table(plan, TABLE_SUPPLIES);
}

void mib_next_phase(struct mib_plan *plan)
{
	plan->cursor_count = 0;
	plan->phase++;
	switch ((enum mib_phase)plan->phase) {
	case PHASE_DEVICES:
		begin_devices(plan);
		break;
	case PHASE_PROBE:
		mib_begin_probe(plan);
		break;
	case PHASE_FAMILY:
		begin_family(plan);
		break;
	case PHASE_TABLES:
		begin_tables(plan);
		break;
	case PHASE_SERIAL:
		mib_begin_serials(plan);
		break;
	case PHASE_PARTS:
		begin_parts(plan);
		break;
	case PHASE_CONTEXT:
		begin_context(plan);
		break;
	case PHASE_IDENTIFY:
	case PHASE_OVER:
		break;
	}
}
