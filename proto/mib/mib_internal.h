/* SPDX-License-Identifier: Apache-2.0
 * Between the files of proto/mib/mib: the standard tables, and where values go.
 *
 *   mib_plan.c      phases: which scalars and columns are still to ask
 *   mib_request.c       what fits the next question
 *   mib_errors.c   what to do when it does not go well
 *   mib_response.c    what an answer does to the plan
 *   mib_probe.c     a printer that nobody's words fit
 *   mib_table.c     the OIDs of the standard
 *   mib_values.c      values of the standard's counters, supplies and alerts; device rows in
 *                   mib_device.c, options and media in mib_media.c
 *   mib_family.c    values of the vendor's objects, by its model file; mib_target.c: what they mean
 *   mib_identify.c  conclusions: who it is; mib_conclude.c: the rest, and the order of rows */
#ifndef PLATEN_MIB_MIB_INTERNAL_H
#define PLATEN_MIB_MIB_INTERNAL_H

#include "proto/mib/mib.h"

enum mib_phase {
	PHASE_IDENTIFY, /* the scalars, which tell the vendor */
	PHASE_DEVICES,  /* hrDeviceTable and other small tables, which tell the device rows */
	PHASE_PROBE,    /* a printer that nobody's words fit: whose objects does it have? */
	PHASE_FAMILY,   /* the scalars of the vendor's family */
	PHASE_TABLES,   /* what changes from hour to hour */
	PHASE_PARTS,    /* what is built in: software, options, media */
	PHASE_CONTEXT,  /* supplies again, in the context that the vendor hides them in */
	PHASE_OVER
};

enum mib_request_kind {
	REQUEST_NOTHING,
	REQUEST_SCALARS,
	REQUEST_GETS,
	REQUEST_DEVICE_IDS, /* 1284 device ids of all families */
	REQUEST_PROBES,     /* GETNEXT into a table of each family */
	REQUEST_COLUMNS
};

enum mib_scalar {
	SCALAR_SYS_DESCR,
	SCALAR_SYS_OBJECT_ID,
	SCALAR_SYS_UPTIME,
	SCALAR_DEVICE_DESCR, /* hrDeviceDescr.1 */
	SCALAR_SERIAL,       /* prtGeneralSerialNumber.1 */
	SCALAR_CRITICAL_EVENTS,
	SCALAR_ALL_EVENTS,
	SCALAR_LOCALIZATION, /* prtGeneralCurrentLocalization.1 */
	SCALAR_DEVICE_ID,    /* the 1284 device id where HP keeps it, and many print servers */
	SCALAR_MEMORY,       /* hrMemorySize */
	SCALAR_COUNT
};

enum mib_column_name {
	COLUMN_DEVICE_TYPE,
	COLUMN_DEVICE_DESCR,
	COLUMN_DEVICE_STATUS,
	COLUMN_PRINTER_STATUS,
	COLUMN_PRINTER_ERRORS,
	COLUMN_PHYS_ADDRESS,
	COLUMN_GENERAL_SERIAL,
	COLUMN_GENERAL_CRITICAL,
	COLUMN_GENERAL_ALL,
	COLUMN_CHARSET,
	COLUMN_PORT_DEVICE_ID,
	COLUMN_MARKER_UNIT,
	COLUMN_MARKER_LIFE,
	COLUMN_MARKER_POWER_ON,
	COLUMN_COLORANT_VALUE,
	COLUMN_SUPPLY_COLORANT,
	COLUMN_SUPPLY_CLASS,
	COLUMN_SUPPLY_TYPE,
	COLUMN_SUPPLY_DESCR,
	COLUMN_SUPPLY_UNIT,
	COLUMN_SUPPLY_MAX,
	COLUMN_SUPPLY_LEVEL,
	COLUMN_ALERT_SEVERITY,
	COLUMN_ALERT_TRAINING,
	COLUMN_ALERT_GROUP,
	COLUMN_ALERT_GROUP_INDEX,
	COLUMN_ALERT_LOCATION,
	COLUMN_ALERT_CODE,
	COLUMN_ALERT_DESCR,
	COLUMN_ALERT_TIME,
	COLUMN_SOFTWARE_NAME,
	COLUMN_STORAGE_TYPE,
	COLUMN_STORAGE_DESCR,
	COLUMN_STORAGE_UNIT,
	COLUMN_STORAGE_SIZE,
	COLUMN_CHANNEL_TYPE,
	COLUMN_CHANNEL_VERSION,
	COLUMN_INTERPRETER_DESCR,
	COLUMN_INTERPRETER_VERSION,
	COLUMN_FINISHER_TYPE,
	COLUMN_FINISHER_DESCR,
	COLUMN_INPUT_TYPE,
	COLUMN_INPUT_UNIT,
	COLUMN_INPUT_MAX,
	COLUMN_INPUT_LEVEL,
	COLUMN_INPUT_STATUS,
	COLUMN_INPUT_MEDIA,
	COLUMN_INPUT_NAME,
	COLUMN_INPUT_DESCR,
	COLUMN_OUTPUT_TYPE,
	COLUMN_OUTPUT_UNIT,
	COLUMN_OUTPUT_MAX,
	COLUMN_OUTPUT_LEFT,
	COLUMN_OUTPUT_STATUS,
	COLUMN_OUTPUT_NAME,
	COLUMN_OUTPUT_DESCR,
	COLUMN_COVER_DESCR,
	COLUMN_COVER_STATUS,
	COLUMN_PATH_UNIT,
	COLUMN_PATH_SPEED,
	COLUMN_PATH_TYPE,
	COLUMN_PATH_DESCR,
	COLUMN_PATH_STATUS,
	COLUMN_COUNT
};

struct mib_column_def {
	const char *ber; /* contents bytes of the column's OID */
	uint8_t ber_len;
	uint8_t table; /* enum mib_table */
	uint8_t group; /* enum reading_group */
};

struct mib_scalar_def {
	const char *ber;
	uint8_t ber_len;
	uint8_t group;
};

extern const struct mib_column_def mib_columns[COLUMN_COUNT];
extern const struct mib_scalar_def mib_scalars[SCALAR_COUNT];
/* Rows to expect of a table that was never seen. */
extern const uint8_t mib_first_rows[TABLE_COUNT];

/* A row of a vendor's table, until all its columns are there. */
struct mib_row {
	struct mib_row *next;
	uint8_t table; /* of the family's */
	uint8_t subs;  /* sub-identifiers of its index */
	bool has_value;
	uint32_t sub[MODEL_KEYS + 1];
	int32_t key[MODEL_KEYS];
	int64_t value;
	int64_t life, used, left; /* -1: not told */
	struct text text;         /* the value, where it is text */
	struct text label, part, serial, installed;
};

/* A meter of a vendor's table: in the reading's own list, so that it is kept once. */
struct mib_meter {
	struct meter meter;                /* origin is ORIGIN_TABLES + table */
	const struct model_target *target; /* if it was found without the label; else NULL */
	uint8_t subs;
	uint32_t sub[MODEL_KEYS + 1];
	int32_t key[MODEL_KEYS];
};

/* struct meter.origin */
enum { ORIGIN_STANDARD, ORIGIN_GETS, ORIGIN_TABLES };

static inline const struct mib_column_def *mib_standard_column(const struct mib_cursor *c)
{
	return c->column < COLUMN_COUNT ? &mib_columns[c->column] : NULL;
}

static inline const struct model_column *mib_family_column(
	const struct mib_plan *plan, const struct mib_cursor *c)
{
	return &plan->models->column[c->column - COLUMN_COUNT];
}

static inline const struct model_table *mib_family_table(
	const struct mib_plan *plan, unsigned table)
{
	return &plan->models->table[plan->model->first_table + table];
}

/* Bit g: the group that a column belongs to. */
static inline uint16_t mib_column_group(const struct mib_cursor *c)
{
	return (uint16_t)(1u << c->group);
}

/* The column's OID. */
struct oid_ber mib_column_oid(const struct mib_plan *plan, const struct mib_cursor *c);
/* Bit g: the group that the i-th OID of the open question belongs to. */
uint16_t mib_requested_group(const struct mib_plan *plan, unsigned i);
/* What is asked for beside columns, by enum mib_request_kind: the i-th scalar of the standard or of
 * the family; the device id, or the probe, of the i-th family. */
struct oid_ber mib_scalar_oid(const struct mib_plan *plan, enum mib_request_kind what, unsigned i);
/* Of a scalar of the family. */
enum reading_group mib_get_group(const struct model_get *get);
enum reading_group mib_table_group(const struct model_table *t);

static inline bool mib_uses_getbulk(const struct mib_plan *plan)
{
	bool is_quirk = plan->model != NULL && plan->model->quirks.has_no_bulk;
	if (plan->limits->is_safe_mode && !plan->limits->has_proven_bulk)
		return false;
	return plan->version != SNMP_V1 && !plan->limits->has_no_bulk && !plan->has_no_bulk &&
	       !is_quirk;
}

/* Rows of a column whose table did not end the last time: the first ones are the printer's. */
enum { ENDLESS_ROWS = 16 };
_Static_assert(MIB_WALKS <= 64, "mib_limits.endless_walks");

static inline bool mib_is_endless(const struct mib_plan *plan, unsigned walk)
{
	return (plan->limits->endless_walks >> walk & 1) != 0;
}

/* The most varbinds that an answer of this printer is ever aimed at. */
uint8_t mib_varbinds_limit(const struct mib_plan *plan);

/* Whose printer is it? Asks all families, if nobody's words fitted (mib_probe.c). */
void mib_begin_probe(struct mib_plan *plan);
struct oid_ber mib_probe_oid(
	const struct mib_plan *plan, enum mib_request_kind what, unsigned family);
/* The bits that are still open of what is asked for. */
uint64_t *mib_open_bits(struct mib_plan *plan, enum mib_request_kind what);
void mib_decode_probes(
	struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n);
/* The next phase, its scalars or columns in the plan. */
void mib_next_phase(struct mib_plan *plan);
/* Row 1 of prtGeneralTable was asked with the scalars; it need not be the printer's. */
bool mib_needs_general_table(const struct mib_plan *plan);
/* Whether a column is still to walk. */
bool mib_has_waiting(const struct mib_plan *plan);
/* A table that was empty is so no more: its other columns are asked for too. */
void mib_add_remaining_columns(struct mib_plan *plan, struct mib_cursor *trial);

/* ---- where values go -------------------------------------------------------------------- */

/* One value of a column; sub[n] is the row's index. False: the reading had no room for it. */
bool mib_store(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb);
void mib_store_scalar(
	struct mib_plan *plan, struct reading *r, enum mib_scalar s, const struct varbind *vb);
/* Tables that describe the device itself (mib_device.c). */
void mib_store_device(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t device, const struct varbind *vb);
/* Options (mib_option.c) and media (mib_media.c). */
bool mib_store_option(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb);
bool mib_store_media(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb);
/* The vendor's scalars and tables (mib_family.c). */
bool mib_store_get(
	struct mib_plan *plan, struct reading *r, unsigned get, const struct varbind *vb);
bool mib_store_family(struct mib_plan *plan, struct reading *r, const struct mib_cursor *c,
	const uint32_t *sub, size_t n, const struct varbind *vb);

/* An enumeration, 0 if it is none; an Integer32 (Gauge32 and Counter32 are taken too, as some
 * agents mix them up), false if it is none or wider than it may be. */
uint8_t mib_small_enum(const struct varbind *vb);
bool mib_int32(const struct varbind *vb, int32_t *ret);
/* Text in the printer's character set as UTF-8, empty if it is none. */
struct text mib_octets(
	const struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t max);
/* The bytes as they came, for what is asked before the character set is known; mib_decoded makes
 * text of them when it is. */
struct text mib_raw_octets(struct reading *r, const struct varbind *vb);
struct text mib_decoded(
	const struct mib_plan *plan, struct reading *r, struct text raw, size_t max);
/* The name of what was read, which every meter keeps; empty if there was no room for it. */
struct oid_ber mib_object(struct reading *r, struct oid_ber name);
/* "1.3.6.1.4.1.253..." */
struct text mib_dotted(struct reading *r, struct oid_ber ber);

/* The row of hrDeviceTable with this index, a new one if it was not seen; NULL when there is no
 * room for it. */
struct mib_device *mib_device_row(struct mib_plan *plan, uint32_t index);
/* Its role, ROLE_UNKNOWN if it was never seen. */
enum model_role mib_device_role(const struct mib_plan *plan, uint32_t index);

/* A digest of h and n bytes, for look-ups; not keyed. */
uint64_t mib_mix(uint64_t h, const uint8_t *p, size_t n);

/* ---- conclusions ------------------------------------------------------------------------ */

/* The family by what the printer calls itself, as far as that was answered. */
void mib_recognise(struct mib_plan *plan, const struct reading *r);
/* hrDeviceDescr of the row that is the printer, as far as it is known; the bytes as they came. */
struct text mib_device_descr(const struct mib_plan *plan, const struct reading *r);
/* State and model from the row that is the printer. */
void mib_conclude_device(struct mib_plan *plan, struct reading *r);
/* Vendor, model, serial, why and how sure. */
void mib_conclude_identity(struct mib_plan *plan, struct reading *r);
/* The version that stands behind the model in sysDescr ("MP 3053 1.09 / ..."); may be empty. */
struct text mib_version_in(const struct reading *r);
/* Meters, firmware, options, supplies and parts out of the vendor's rows. */
void mib_conclude_family(struct mib_plan *plan, struct reading *r);
/* Storage and memory as options. */
void mib_conclude_options(struct mib_plan *plan, struct reading *r);
/* Rated speed, out of the media paths. */
void mib_conclude_media(struct reading *r);
/* Everything, at the end. */
void mib_conclude(struct mib_plan *plan, struct reading *r);

/* What targets ask of a row. */
struct mib_facts {
	const uint32_t *sub;
	size_t subs;
	const int32_t *key;
	enum model_role role;
	struct text label;
};
/* The first of the targets that fits, or NULL. */
const struct model_target *mib_find_target(
	const struct models *set, const struct model_targets *list, const struct mib_facts *facts);
/* The target that names the row whatever its label is, or NULL if the label or a key that has not
 * come yet decides. facts->key: MODEL_ANY for such keys. */
const struct model_target *mib_find_target_without_label(
	const struct models *set, const struct model_targets *list, const struct mib_facts *facts);

/* A value that a model file gives a meaning. */
struct mib_value {
	int64_t number;
	bool is_number;
	struct text text;      /* empty if it is a number */
	struct text label;     /* the row's own; empty: it has none */
	uint32_t index;        /* tells it from others of its kind */
	struct oid_ber object; /* where it was read, in the reading's arena */
};

/* Whether what becomes of the value says where it was read. */
bool mib_needs_object(const struct model_target *t);
/* Into the reading at once, or, where it belongs to a supply or a part, kept for the end. */
bool mib_apply_target(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v);
/* A row without a target: firmware, option, setting, supply or part by its columns. */
bool mib_apply_row(
	struct mib_plan *plan, struct reading *r, enum model_rows rows, const struct mib_row *row);
/* "2019-04-08" of Unix seconds; empty for 0 and less. */
struct text mib_date(struct reading *r, int64_t seconds);
/* Those that were kept; after the supplies are judged and the parts drawn out of them. */
void mib_apply_deferred(struct mib_plan *plan, struct reading *r);
/* Parts that wear, out of the supplies; to be called before mib_apply_deferred. */
void mib_conclude_parts(struct mib_plan *plan, struct reading *r);
/* What a description says: a colour, empty if none or several; PrtMarkerSuppliesTypeTC, 0 none. */
struct text mib_colorant_of(struct text description);
uint8_t mib_type_of(struct text description);

/* "50-5a 3018.103": a module's name and version, the version being the last word that begins with a
 * digit. False: there is none. */
bool mib_add_firmware(
	struct mib_plan *plan, struct reading *r, struct text name, struct text version);

/* A name of firmware (empty: it has none) and its version out of one text; false: no version. */
bool mib_split_version(struct text t, struct text *name, struct text *version);

/* Small text helpers, on views. */
struct text mib_text_before(struct text t, char end);
struct text mib_text_after(struct text t, char end);
bool mib_has_digit(struct text t);
/* The word that follows `mark`: what a text says behind "PN " or "SN". Empty unless it has a digit.
 */
struct text mib_word_after(struct text t, const char *mark);
/* The part number ("PN 108R00713") and serial number ("SN", else "S/N") in a description; empty if
 * it has none. */
void mib_numbers_in(struct text t, struct text *part, struct text *serial);
struct text mib_copy_text(struct reading *r, struct text t);
struct text mib_copy_lower(struct reading *r, struct text t);

#endif
