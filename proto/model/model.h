/* SPDX-License-Identifier: Apache-2.0
 * Device knowledge as data: how to recognise a vendor, the objects beyond the standard MIBs, their
 * meaning, and the sub-trees that are never read. It is written in model files (YAML, one family of
 * engines each, proto/model/models; format: docs/models.md). These are compiled in; more can be
 * loaded from a directory at start. Pure: the caller brings the bytes.
 *
 * Order of calls: models_open, models_add_builtin, models_add for each further file, models_finish.
 * From then on the set is constant until models_close; any number of polls may use it. */
#ifndef PLATEN_MODEL_MODEL_H
#define PLATEN_MODEL_MODEL_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/smi/oid.h"
#include "proto/reading/reading.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The destination of a scalar (`get`) or of a coded record. */
enum model_field {
	FIELD_METER,     /* name, unit, label */
	FIELD_MODEL,     /* the vendor's own name of the model, preferred to the standard's */
	FIELD_SERIAL,    /* used only if the standard's is missing; the first in the file counts */
	FIELD_FIRMWARE,  /* label: the module's name */
	FIELD_DEVICE_ID, /* IEEE 1284 device id */
	FIELD_ASSET,     /* the owner's asset number: requested by opt-in only */
	FIELD_OPTION,    /* label: its name; the value is text or a number */
	FIELD_SETTING,   /* likewise */
	FIELD_PPM,       /* rated pages per minute, mono */
	FIELD_PPM_COLOR,
	FIELD_LIFE_LEFT, /* maintenance: label, type, colorant; units left, or percent (divisor) */
	FIELD_LIFE_PERCENT,
	FIELD_LIFE_USED,
	FIELD_LIFE_TOTAL,     /* expected when new */
	FIELD_INSTALLED,      /* a date: text, or Unix seconds; 0: none */
	FIELD_SUPPLY_PERCENT, /* level of the supply with this type and colorant, if the standard
				 table has none, -2 or -3; -100 is empty */
	FIELD_CODES,          /* a binary value of fixed records: struct model_codes */
	FIELD_COUNT
};

/* The targets of a table or of coded records: set->target[first .. first + count). The first one
 * that matches a row counts. Chains limit the search: targets that require a last sub-identifier of
 * the index, or else a first key, are chained by that number modulo TARGET_BUCKETS; the chain at
 * TARGET_BUCKETS has the others. Each chain is in the order of the file. */
enum { TARGET_BUCKETS = 16, TARGET_NONE = UINT16_MAX };

struct model_targets {
	uint16_t first, count;
	bool is_by_index;    /* else by the first key */
	bool has_sums;       /* a target has `sum` */
	bool has_label_sums; /* and one of these requires a label */
	uint16_t chain[TARGET_BUCKETS + 1];
};

/* A value of FIELD_CODES: records of `size` bytes, each a code in the first byte and a big-endian
 * number in the last `value_bytes`; the list ends with 0xff or with the value. A value whose length
 * is no multiple of the size, apart from the end mark, has another layout and is ignored. */
struct model_codes {
	uint8_t size;
	uint8_t value_bytes;
	struct model_targets targets; /* key[0] is the code */
};

enum { MODEL_KEYS = 4, MODEL_SUMS = 3, MODEL_ANY = -1 };

/* A destination, and the rows, scalars or codes that it applies to. */
struct model_target {
	uint8_t field;    /* enum model_field */
	uint8_t meter;    /* enum meter_name */
	uint8_t unit;     /* PrtMarkerCounterUnitTC or PrtMarkerSuppliesSupplyUnitTC; 0: none */
	uint8_t type;     /* PrtMarkerSuppliesTypeTC of maintenance and supply fields */
	uint8_t role;     /* enum model_role of the device row in the index; ROLE_ANY */
	uint16_t divisor; /* the value counts 1/divisor of the unit; 0 is as 1 */
	uint16_t next;    /* in its chain; TARGET_NONE at the end */
	bool is_skipped;  /* the row is known and not wanted */
	bool is_sum_only; /* the value is a part of its sums, and the next match is its destination
			   */
	uint8_t sum[MODEL_SUMS]; /* meters that the value is a part of */
	uint8_t sum_count;
	uint8_t sum_needs;         /* parts that these sums need at least; fewer are no sum */
	int32_t key[MODEL_KEYS];   /* required value of each key column, or MODEL_ANY */
	int32_t index[MODEL_KEYS]; /* required last index_count sub-identifiers of the row's index
				    */
	uint8_t index_count;
	uint8_t key_count; /* all keys from here on are MODEL_ANY */
	struct text match; /* required label, case ignored; empty: any */
	struct text label; /* label in the reading; empty: the row's own */
	struct text colorant;
};

/* A scalar. */
struct model_get {
	struct oid_ber oid; /* in the set's memory */
	bool is_pml;        /* HP: two bytes of symbol set precede the text */
	bool is_shared;     /* a serial number, requested from printers of other families too if
			       nothing else has one */
	struct model_target target;
	struct model_codes codes; /* FIELD_CODES */
};

/* The content of a table's rows. */
enum model_rows {
	ROWS_METERS,
	ROWS_FIRMWARE,
	ROWS_OPTIONS,
	ROWS_SETTINGS,
	ROWS_SUPPLY_DETAILS, /* part, serial, ... of supplies, joined by description or index */
	ROWS_SUPPLIES,       /* levels, used where the standard table has none, -2 or -3 */
	ROWS_MAINTENANCE,
	ROWS_KIND_COUNT
};

/* The content of a column. */
enum model_column_role {
	COLUMN_IS_VALUE, /* the number; firmware: the version; settings: the value */
	COLUMN_IS_LABEL, /* the row's name */
	COLUMN_IS_KEY,   /* the n-th key (model_column.key) */
	COLUMN_IS_PART,
	COLUMN_IS_SERIAL,
	COLUMN_IS_LIFE, /* expected when new */
	COLUMN_IS_USED,
	COLUMN_IS_LEFT,
	COLUMN_IS_INSTALLED, /* date: text, or Unix seconds; 0: none */
	COLUMN_ROLE_COUNT
};

struct model_column {
	struct oid_ber oid; /* of the column: entry.column */
	uint8_t role;       /* enum model_column_role */
	uint8_t key;
};

struct model_table {
	uint8_t rows;        /* enum model_rows */
	bool is_each_device; /* one walk for each device row with a role: column.device.under */
	bool keeps_unknown; /* rows without a target become vendor:<label>; else they are dropped */
	uint8_t under_len;  /* BER of the fixed index part, after the device if is_each_device */
	uint8_t under[LIMIT_INDEX_BER - 5]; /* less the bytes of the device index */
	uint8_t first_rows;                 /* expected before the table was read */
	uint8_t column_count;
	uint16_t first_column;
	struct oid_ber entry;
	struct model_targets targets;
};

/* The role of a device row, by its hrDeviceType. */
enum model_role {
	ROLE_ANY,
	ROLE_UNKNOWN,
	ROLE_PRINTER,
	ROLE_COPIER,
	ROLE_SCANNER,
	ROLE_FAX,
	ROLE_OTHER_FAX,
	ROLE_NONE,
	ROLE_COUNT
};

struct model_device_type {
	struct oid_ber type; /* a whole hrDeviceType */
	uint8_t role;
};

/* A brand of a family, and how to recognise it. Each match scores points: the highest sum wins; of
 * equal sums the longer object id, then the earlier file. */
struct model_vendor {
	struct text vendor;  /* "Xerox" */
	uint16_t first_word; /* lower case; a whole word of hrDeviceDescr or sysDescr */
	uint16_t word_count;
	uint16_t first_vendor; /* MFG in the 1284 device id, case ignored */
	uint16_t vendor_count;
	uint16_t first_object; /* prefix of sysObjectID */
	uint16_t object_count;
	/* Signs of a printer without the Printer-MIB: words of hrDeviceDescr or sysDescr, or a
	 * prefix of sysObjectID. */
	uint16_t first_printer_word;
	uint16_t printer_word_count;
	uint16_t first_printer_object;
	uint16_t printer_object_count;
	bool needs_object; /* words count only together with an object id */
};

/* Limits that apply to a whole family. */
struct model_quirks {
	uint8_t max_varbinds; /* 0: as learned */
	bool has_no_bulk;
	struct text context; /* the SNMP context that has the supplies ("Jetdirect") */
};

enum model_evidence {
	EVIDENCE_NONE,
	EVIDENCE_MIB,
	EVIDENCE_CASE,
	EVIDENCE_RECORDING,
	EVIDENCE_COUNT
};

/* A line of `platen models`. */
struct model_line {
	struct text name; /* "AltaLink C80xx" */
	uint8_t evidence; /* enum model_evidence */
	struct text note;
};

/* A family: one file. A vendor with a root of its own makes another family of the same file, with
 * every relative OID under that root. Ranges refer to the set's arrays. */
struct model {
	struct text name;     /* "xerox" */
	struct text file;     /* file name, for messages */
	struct oid_ber root;  /* of its relative OIDs; empty: none */
	bool has_common_root; /* printers of other families have objects under it too */
	uint16_t first_vendor, vendor_count;
	uint16_t first_get, get_count;
	uint16_t first_table, table_count;
	uint16_t first_device_type, device_type_count;
	uint16_t first_excluded, excluded_count;
	uint16_t first_line, line_count;
	/* Evidence: recordings of real devices, cases (small inputs with their right values), and
	 * texts of the vendors that describe the objects. */
	uint16_t recordings, cases, documents;
	/* starts the firmware modules in sysDescr: "; SS 103.023.1, NC 103.0"; 0: none */
	char firmware_mark;
	uint8_t receptacles; /* enum supply_direction of the numbers of class 4 */
	struct model_quirks quirks;
};

struct models {
	const struct model *model;
	uint16_t count;
	const struct model_vendor *vendor;
	const struct text *word;   /* words, 1284 vendors */
	const struct oid_ber *oid; /* object ids, excluded sub-trees */
	const struct model_get *get;
	const struct model_table *table;
	const struct model_column *column;
	const struct model_target *target;
	const struct model_device_type *device_type;
	const struct model_line *line;
	const struct oid_ber *excluded; /* of all families together, read from no device */
	uint16_t excluded_count;
	uint64_t digest; /* of all files; differs between sets */
	void *memory;    /* private to model_set.c */
};

int models_open(struct models *set) MUST_USE;
void models_close(struct models *set);

/* Adds the families that are compiled in (proto/model/models). ERR_CONF and `why`
 * ("xerox.yaml:12:3: ...") if one is malformed, which a test excludes. */
int models_add_builtin(struct models *set, char why[LIMIT_WHY]) MUST_USE;

/* Adds a file. It replaces a family with the same name. 0, or ERR_CONF or ERR_LIMIT with `why` =
 * "FILE:LINE:COLUMN: the error and what is allowed"; the set is then unchanged. */
int models_add(struct models *set, const char *file, const uint8_t *bytes, size_t len,
	char why[LIMIT_WHY]) MUST_USE;

/* To call after the last file: fills the arrays above. ERR_CONF and `why` if a family requests an
 * object in an excluded sub-tree. */
int models_finish(struct models *set, char why[LIMIT_WHY]) MUST_USE;

/* The built-in set, finished; made at its first use and never freed, for callers without model
 * options. NULL if out of memory. */
const struct models *models_builtin(void);

/* Bytes of memory that the set owns. */
size_t models_memory(const struct models *set);

/* The family and the brand of a device. */
struct model_match {
	uint16_t model;  /* index in the set */
	uint16_t vendor; /* index in the set */
	uint16_t points; /* score, as docs/models.md defines it */
};

/* Any text may be empty. 0, or ERR_NAME if no vendor matches. */
int models_recognise(const struct models *set, struct text device_id, struct text device_descr,
	struct text sys_descr, const struct oid_ber *sys_object_id,
	struct model_match *ret) MUST_USE;

/* Whether a device of this vendor is a printer although it has no Printer-MIB. */
bool models_is_printer(const struct models *set, const struct model_vendor *vendor,
	struct text device_descr, struct text sys_descr, struct oid_ber sys_object_id);

/* The fields of an IEEE 1284 device id, as views into it; a missing field is empty. */
void models_parse_device_id(
	struct text id, struct text *vendor, struct text *model, struct text *serial);

/* A text that names a printer, in parts: views into the text, empty if it has none. */
struct model_name {
	struct text model; /* with the vendor's name, if the text has it */
	struct text version;
	struct text serial;
};
void models_split_name(struct text said, struct model_name *ret);

/* Whether the text is the name of a print server or of a network card. */
bool models_names_print_server(struct text t);

/* Without the vendor's name at the beginning: its full name, the first word of it ("TOSHIBA
 * e-STUDIO" of Toshiba TEC), or another name that its printers use ("OKI DATA CORP C650", "UTAX_TA
 * 5058i"), the longest of these. `vendor` may be NULL. */
struct text models_without_vendor(
	const struct models *set, const struct model_vendor *vendor, struct text model);

/* Without the first n bytes, and "(R)" or a comma after them. */
struct text models_without_front(struct text model, size_t n);

/* The part between commas that begins with a word of the vendor's printers: "Black Toner Cartridge,
 * WorkCentre 6605DN, PN#106R02240". */
struct text models_printer_in(
	const struct models *set, const struct model_vendor *vendor, struct text description);

const char *model_evidence_name(enum model_evidence e);

#endif
