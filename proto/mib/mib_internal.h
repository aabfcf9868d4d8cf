/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of proto/mib: the standard tables, and where values go.
 *
 *   mib_plan.c phases: the scalars and columns to request
 *   mib_request.c the objects that fit the next request
 *   mib_errors.c error-status, timeouts, a device that stopped responding
 *   mib_response.c the effect of a response on the plan
 *   mib_probe.c recognition by objects where texts do not suffice
 *   mib_table.c the OIDs of the standard MIBs
 *   mib_values.c values of standard counters, supplies and alerts
 *   mib_device.c device rows
 *   mib_option.c installed options
 *   mib_media.c trays, bins, covers, media paths
 *   mib_maintenance.c parts that wear out
 *   mib_family.c values of the vendor's objects
 *   mib_target.c the meaning of such a value, by the model file
 *   mib_level.c levels of supplies in the vendor's objects
 *   mib_sum.c meters that the vendor splits
 *   mib_identify.c conclusions: identity
 *   mib_conclude.c other conclusions, and the order of rows */
#ifndef PLATEN_MIB_MIB_INTERNAL_H
#define PLATEN_MIB_MIB_INTERNAL_H

#include "proto/base/placeholder.h"
#include "proto/mib/mib.h"

enum mib_phase {
	PHASE_IDENTIFY, /* scalars, which identify the vendor */
	PHASE_DEVICES,  /* hrDeviceTable and other small tables, which give the device rows */
	PHASE_PROBE,    /* recognition by objects: requests to all families */
	PHASE_FAMILY,   /* the scalars of the vendor's family */
	PHASE_TABLES,   /* groups that change from hour to hour */
	PHASE_SERIAL,   /* a serial number in the objects of other families, if there is none */
	PHASE_PARTS,    /* software, options, media */
	PHASE_CONTEXT,  /* supplies again, in the vendor's own context */
	PHASE_OVER
};

enum mib_request_kind {
	REQUEST_NOTHING,
	REQUEST_SCALARS,
	REQUEST_GETS,
	REQUEST_DEVICE_IDS, /* 1284 device ids of all families */
	REQUEST_SERIALS,    /* shared serial numbers of all families */
	REQUEST_PROBES,     /* GETNEXT into a table of each family */
	REQUEST_COLUMNS
};

/* Points of a family that is recognised by its objects, or by its trays and supplies. */
enum { MIB_PROBE_POINTS = 1 };

enum mib_scalar {
	SCALAR_SYS_DESCR,
	SCALAR_SYS_OBJECT_ID,
	SCALAR_SYS_UPTIME,
	SCALAR_DEVICE_DESCR, /* hrDeviceDescr.1 */
	SCALAR_SERIAL,       /* prtGeneralSerialNumber.1 */
	SCALAR_CRITICAL_EVENTS,
	SCALAR_ALL_EVENTS,
	SCALAR_LOCALIZATION, /* prtGeneralCurrentLocalization.1 */
	SCALAR_DEVICE_ID, /* the 1284 device id in HP's arc, which many print servers answer too */
	SCALAR_MEMORY,    /* hrMemorySize */
	SCALAR_OPTIONAL,  /* from here on: requested by mib_add_optional only */
	SCALAR_SYS_CONTACT = SCALAR_OPTIONAL,
	SCALAR_SYS_NAME,
	SCALAR_SYS_LOCATION,
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
	COLUMN_INPUT_VENDOR, /* of a printer without a known vendor only */
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
/* Rows expected of a table that was never read. */
extern const uint8_t mib_first_rows[TABLE_COUNT];

/* A row of a vendor's table, until all its columns have arrived. */
struct mib_row {
	struct mib_row *next;
	uint8_t table; /* index in the family's tables */
	uint8_t subs;  /* sub-identifiers of the index */
	bool has_value;
	uint32_t sub[MODEL_KEYS + 1];
	int32_t key[MODEL_KEYS];
	int64_t value;
	int64_t life, used, left; /* -1: unknown */
	struct text text;         /* the value, if it is text */
	struct text label, part, serial, installed;
};

/* A meter of a vendor's table. It lies in the reading's own list. */
struct mib_meter {
	struct meter meter; /* origin is ORIGIN_TABLES + table */
	const struct model_target
		*target; /* if it was found independently of the label; else NULL */
	uint8_t subs;
	uint32_t sub[MODEL_KEYS + 1];
	int32_t key[MODEL_KEYS];
};

/* struct meter.origin */
enum { ORIGIN_STANDARD, ORIGIN_GETS, ORIGIN_TABLES, ORIGIN_SUMS = UINT8_MAX };

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

/* Rows kept of a column whose table did not end in an earlier poll: the printer's come first. */
enum { ENDLESS_ROWS = 16 };
_Static_assert(MIB_WALKS <= 64, "mib_limits.endless_walks");

static inline bool mib_is_endless(const struct mib_plan *plan, unsigned walk)
{
	return (plan->limits->endless_walks >> walk & 1) != 0;
}

/* Bit g: the group that a column belongs to. */
static inline uint16_t mib_column_group(const struct mib_cursor *c)
{
	return (uint16_t)(1u << c->group);
}

/* The column's OID. */
struct oid_ber mib_column_oid(const struct mib_plan *plan, const struct mib_cursor *c);
/* Bit g: the group of the i-th OID of the open request. */
uint16_t mib_requested_group(const struct mib_plan *plan, unsigned i);
/* The OID of a request other than for columns: of the i-th scalar of the standard or of the family;
 * of the i-th family's device id or probe. */
struct oid_ber mib_scalar_oid(const struct mib_plan *plan, enum mib_request_kind what, unsigned i);
/* The group of a scalar of the family. */
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

/* The maximum of max_varbinds for this printer. */
uint8_t mib_varbinds_limit(const struct mib_plan *plan);

/* Prepares the probes of all families, if the texts match none. */
void mib_begin_probe(struct mib_plan *plan);
/* Adds the columns that name the vendor of a printer's trays and supplies. */
void mib_add_vendor_columns(struct mib_plan *plan);
/* Prepares the shared serial numbers of the other families, if nothing has one so far. */
void mib_begin_serials(struct mib_plan *plan);
struct oid_ber mib_probe_oid(
	const struct mib_plan *plan, enum mib_request_kind what, unsigned family);
/* The objects of this kind that are still to request. */
uint64_t *mib_open_bits(struct mib_plan *plan, enum mib_request_kind what);
void mib_decode_probes(
	struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n);
/* Enters the next phase and adds its scalars or columns to the plan. */
void mib_next_phase(struct mib_plan *plan);
/* Whether a column is still to walk. */
bool mib_has_waiting(const struct mib_plan *plan);
/* A table that was empty has rows now: adds its other columns. */
void mib_add_remaining_columns(struct mib_plan *plan, struct mib_cursor *trial);

/* ---- where values go -------------------------------------------------------------------- */

/* Stores one value of a column; sub[n] is the row's index. False: the reading is full. */
bool mib_store(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb);
void mib_store_scalar(
	struct mib_plan *plan, struct reading *r, enum mib_scalar s, const struct varbind *vb);
/* Of tables that describe the device itself (mib_device.c). */
void mib_store_device(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t device, const struct varbind *vb);
/* Of options (mib_option.c) and media (mib_media.c). */
bool mib_store_option(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb);
bool mib_store_media(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb);
/* Of the vendor's scalars and tables (mib_family.c). */
bool mib_store_get(
	struct mib_plan *plan, struct reading *r, unsigned get, const struct varbind *vb);
void mib_store_shared_serial(struct mib_plan *plan, struct reading *r, const struct model_get *get,
	unsigned family, const struct varbind *vb);
bool mib_store_family(struct mib_plan *plan, struct reading *r, const struct mib_cursor *c,
	const uint32_t *sub, size_t n, const struct varbind *vb);

/* mib_small_enum: an enumeration; 0 if it is not one. mib_int32: an Integer32, or a Gauge32 or
 * Counter32 in its range, as some agents confuse these; false if it is none of these. */
uint8_t mib_small_enum(const struct varbind *vb);
bool mib_int32(const struct varbind *vb, int32_t *ret);
/* Text in the printer's character set as UTF-8; empty for other types. */
struct text mib_octets(
	const struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t max);
/* The same, but empty for a placeholder ("NULL", "N/A", "0000"): for names and numbers of things,
 * not for values of meters and settings. */
struct text mib_known_octets(
	const struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t max);
/* The undecoded bytes, for values that arrive before the character set is known; mib_decoded
 * converts them later. */
struct text mib_raw_octets(struct reading *r, const struct varbind *vb);
struct text mib_decoded(
	const struct mib_plan *plan, struct reading *r, struct text raw, size_t max);
/* A copy of the object's name, which every meter keeps; empty if the reading is full. */
struct oid_ber mib_object(struct reading *r, struct oid_ber name);

/* The row of hrDeviceTable with this index, new if there is none yet; NULL if there is no space. */
struct mib_device *mib_device_row(struct mib_plan *plan, uint32_t index);
/* Its role; ROLE_UNKNOWN if the row does not exist. */
enum model_role mib_device_role(const struct mib_plan *plan, uint32_t index);

/* A digest of h and n bytes, for look-ups; not keyed. */
uint64_t mib_mix(uint64_t h, const uint8_t *p, size_t n);

/* ---- conclusions ------------------------------------------------------------------------ */

/* Whether an object, the 1284 device id or sysDescr has a serial number. */
bool mib_has_serial(const struct mib_plan *plan);
/* Recognises the family from the texts that have arrived. */
void mib_recognise(struct mib_plan *plan, const struct reading *r);
/* The same from the vendor of the trays and the descriptions of the supplies, if nothing else names
 * a vendor. */
void mib_recognise_by_parts(struct mib_plan *plan, const struct reading *r);
/* hrDeviceDescr of the printer's row, undecoded; empty if unknown. */
struct text mib_device_descr(const struct mib_plan *plan, const struct reading *r);
/* State and model from the printer's row. */
void mib_conclude_device(struct mib_plan *plan, struct reading *r);
/* Vendor, model, serial, reason and confidence. */
void mib_conclude_identity(struct mib_plan *plan, struct reading *r);
/* The version after the model, else in sysDescr ("MP 3053 1.09 / ..."), or empty. */
struct text mib_version_in(const struct mib_plan *plan, const struct reading *r);
/* Meters, firmware, options, supplies and parts from the vendor's rows. */
void mib_conclude_family(struct mib_plan *plan, struct reading *r);
/* Storage and memory as options. */
void mib_conclude_options(struct mib_plan *plan, struct reading *r);
/* Rated speed from the media paths. */
void mib_conclude_media(struct reading *r);
/* All conclusions; called by mib_end. */
void mib_conclude(struct mib_plan *plan, struct reading *r);

/* The facts of a row that a target may refer to. */
struct mib_facts {
	const uint32_t *sub;
	size_t subs;
	const int32_t *key;
	enum model_role role;
	struct text label;
};
/* The first target that matches, or NULL. */
const struct model_target *mib_find_target(
	const struct models *set, const struct model_targets *list, const struct mib_facts *facts);
/* The target that matches whatever the row's label is; NULL if the label, or a key that has not
 * arrived, decides. facts->key: MODEL_ANY for a missing key. */
const struct model_target *mib_find_target_without_label(
	const struct models *set, const struct model_targets *list, const struct mib_facts *facts);

/* A value with a target in a model file. */
struct mib_value {
	int64_t number;
	bool is_number;
	struct text text;         /* empty if it is a number */
	struct text label;        /* the row's own, or empty */
	uint32_t index;           /* unique among values of its kind */
	uint32_t order;           /* of a level among the others, by its object */
	bool is_frequent;         /* an incremental poll reads it too */
	struct oid_ber object;    /* that was read, in the reading's arena */
	struct text part, serial; /* of the row; else empty */
};

/* A level of a supply in a vendor's object. */
struct mib_level {
	struct mib_level *next;
	struct supply *supply; /* that it belongs to, once the standard table is complete */
	int64_t number;        /* 1/divisor of a percent; -100: empty; or a code of RFC 3805 */
	uint32_t index;
	uint32_t order;
	uint16_t divisor;
	uint8_t type;    /* PrtMarkerSuppliesTypeTC; 0 unknown */
	bool fills_only; /* no supply of its own */
	struct text colorant, label, part, serial;
	struct oid_ber object;
};

/* mib_add_level_row: of a table without a target for the row. False: the reading is full. */
bool mib_add_level(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v);
bool mib_add_level_row(struct mib_plan *plan, struct reading *r, const struct mib_row *row,
	const struct mib_value *v, bool fills_only);
/* Pairs the levels with the supplies; called after colorants and levels of the standard table are
 * derived and before the parts are. */
void mib_conclude_levels(struct mib_plan *plan, struct reading *r);
/* The level that is paired with a supply, or NULL. */
const struct mib_level *mib_level_of(const struct mib_plan *plan, const struct supply *s);

/* Adds a value to the sums of its target; `origin` as in struct meter. False: the reading is full.
 */
bool mib_add_to_sums(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	uint64_t value, uint8_t origin, struct oid_ber object);
/* Makes meters of the sums that the device does not give itself. */
void mib_conclude_sums(struct mib_plan *plan, struct reading *r);

/* Whether the target's field records the object it was read from. */
bool mib_needs_object(const struct model_target *t);
/* Stores the value in the reading, or defers it if it belongs to a supply or a part. */
bool mib_apply_target(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v);
/* Keeps a serial number, unless it is empty or one of a lower rank is kept. */
void mib_keep_serial(struct mib_serial *serial, struct text t, uint32_t rank);
/* The next target after `after` (NULL: the first) with a `sum` that matches. */
const struct model_target *mib_next_sum(const struct models *set, const struct model_targets *list,
	const struct mib_facts *facts, const struct model_target *after);
/* Stores a row without a target by its columns: firmware, option, setting, supply or part. v: its
 * value and object. */
bool mib_apply_row(struct mib_plan *plan, struct reading *r, enum model_rows rows,
	const struct mib_row *row, const struct mib_value *v);
/* "2019-04-08" from Unix seconds; empty for 0 and less. */
struct text mib_date(struct reading *r, int64_t seconds);
/* Stores the deferred values; called after levels and parts are derived from the supplies. */
void mib_apply_deferred(struct mib_plan *plan, struct reading *r);
/* Derives maintenance parts from the supplies; called before mib_apply_deferred. */
void mib_conclude_parts(struct mib_plan *plan, struct reading *r);
/* From a description: its PrtMarkerSuppliesTypeTC, 0 if none. */
uint8_t mib_type_of(struct text description);

/* Adds a firmware module, each name once; nothing for a version that is a placeholder. False: the
 * reading is full. */
bool mib_add_firmware(
	struct mib_plan *plan, struct reading *r, struct text name, struct text version);

/* Splits a text into a module's name (may be empty) and its version, "50-5a 3018.103"; false: no
 * version. */
bool mib_split_version(struct text t, struct text *name, struct text *version);

/* Helpers for texts; the results are views. */
struct text mib_text_before(struct text t, char end);
struct text mib_text_after(struct text t, char end);
bool mib_has_digit(struct text t);
/* The word after `mark` ("PN ", "SN"), if it has a digit; else empty. */
struct text mib_word_after(struct text t, const char *mark);
/* The part number ("PN 108R00713") and the serial number ("SN", else "S/N") in a description, or
 * empty. */
void mib_numbers_in(struct text t, struct text *part, struct text *serial);
struct text mib_copy_text(struct reading *r, struct text t);
struct text mib_copy_lower(struct reading *r, struct text t);

/* Defines NAME_row: the row with this key, new if there is none; NULL if the reading is full. The
 * row used last is tried first, as responses come row by row. */
#define MIB_DEFINE_ROW_BY(name, list, last, params, is_same, ...)                                  \
	static struct name *name##_row params                                                      \
	{                                                                                          \
		struct name *row = plan->last;                                                     \
		if (row == NULL || !(is_same))                                                     \
			for (row = r->list; row != NULL && !(is_same);)                            \
				row = row->next;                                                   \
		if (row == NULL) {                                                                 \
			row = reading_add_##name(r);                                               \
			if (row == NULL)                                                           \
				return NULL;                                                       \
			__VA_ARGS__;                                                               \
			row->device = device;                                                      \
			row->index = index;                                                        \
		}                                                                                  \
		plan->last = row;                                                                  \
		return row;                                                                        \
	}

#define MIB_DEFINE_ROW(name, list, last)                                                           \
	MIB_DEFINE_ROW_BY(name, list, last,                                                        \
		(struct mib_plan * plan, struct reading * r, uint32_t device, uint32_t index),     \
		row->device == device && row->index == index, )

#define MIB_DEFINE_ROW_OF_KIND(name, list, last)                                                   \
	MIB_DEFINE_ROW_BY(name, list, last,                                                        \
		(struct mib_plan * plan, struct reading * r, enum name##_kind kind,                \
			uint32_t device, uint32_t index),                                          \
		row->kind == kind && row->device == device && row->index == index,                 \
		row->kind = (uint8_t)kind)

#endif
