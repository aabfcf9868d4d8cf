/* SPDX-License-Identifier: Apache-2.0
 * Device knowledge as data: how to recognise a vendor, what to ask beyond the standard MIBs, what
 * the answers mean, what must never be read. It is written in model files (YAML, one family of
 * engines each, proto/models; the format is docs/models.md); those are compiled in, more can be
 * loaded at start from a directory without a rebuild. Pure: the caller brings the bytes.
 *
 * Order of calls: models_open, models_add_builtin, models_add for each further file, models_finish;
 * from then on the set is constant and may be used by any number of polls until models_close. */
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

/* What a scalar (`get`) or a coded record becomes. */
enum model_field {
	FIELD_METER,     /* name, unit, label */
	FIELD_MODEL,     /* the vendor's own name of the model: replaces what the standard says */
	FIELD_SERIAL,    /* replaces a missing serial only */
	FIELD_FIRMWARE,  /* label: the module's name */
	FIELD_DEVICE_ID, /* IEEE 1284 device id */
	FIELD_OPTION,    /* label: its name; the value is text or a number */
	FIELD_SETTING,   /* likewise */
	FIELD_PPM,       /* rated pages per minute, mono */
	FIELD_PPM_COLOR,
	FIELD_LIFE_LEFT, /* maintenance: label, type, colorant; units left, or percent (scale) */
	FIELD_LIFE_PERCENT,
	FIELD_LIFE_USED,
	FIELD_LIFE_TOTAL,     /* what it lasts when new */
	FIELD_INSTALLED,      /* a date: text, or Unix seconds; 0 is none */
	FIELD_SUPPLY_PERCENT, /* level of the supply with this type and colorant, if the standard
				 table has no honest one */
	FIELD_CODES,          /* a binary value of fixed records: see model_codes */
	FIELD_COUNT
};

/* The targets of a table or of coded records: set->target[first .. first + count). The first one in
 * that order that fits a row counts. They are chained by what most of them ask for, so that a row
 * is compared with few: the last sub-identifier of its index, or else its first key, modulo
 * TARGET_BUCKETS; the chain at TARGET_BUCKETS has those that ask for neither. models_finish makes
 * the chains. */
enum { TARGET_BUCKETS = 16, TARGET_NONE = UINT16_MAX };

struct model_targets {
	uint16_t first, count;
	bool is_by_index; /* else by the first key */
	uint16_t chain[TARGET_BUCKETS + 1];
};

/* A value of `FIELD_CODES`: records of `size` bytes, the code first, a big-endian number last in
 * `value_bytes`; the list ends with 0xff or the value's end. A length that does not divide, but for
 * the end mark, is another layout: nothing is taken. */
struct model_codes {
	uint8_t size;
	uint8_t value_bytes;
	struct model_targets targets; /* key[0] is the code */
};

enum { MODEL_KEYS = 4, MODEL_ANY = -1 };

/* What a row, a scalar or a code becomes, and for which. */
struct model_target {
	uint8_t field;    /* enum model_field */
	uint8_t meter;    /* enum meter_name */
	uint8_t unit;     /* PrtMarkerCounterUnitTC or PrtMarkerSuppliesSupplyUnitTC; 0 not said */
	uint8_t type;     /* PrtMarkerSuppliesTypeTC of maintenance and supply fields */
	uint8_t role;     /* of the device row it hangs on (enum model_role); ROLE_ANY */
	uint16_t divisor; /* the value counts 1/divisor of the unit; 0 and 1 alike */
	uint16_t next;    /* in its chain; TARGET_NONE: the last */
	bool is_skipped;  /* the row is known and of no use */
	int32_t key[MODEL_KEYS];   /* MODEL_ANY or what the key columns must say */
	int32_t index[MODEL_KEYS]; /* the last index_count sub-identifiers of the row's index */
	uint8_t index_count;
	uint8_t key_count; /* the keys from here on are MODEL_ANY */
	struct text match; /* the row's label must be this (case folded); empty: any */
	struct text label; /* our words for it; empty: the row's own */
	struct text colorant;
};

/* A scalar. */
struct model_get {
	struct oid_ber oid; /* into the set's memory */
	bool is_pml;        /* HP: two bytes of symbol set before the text */
	struct model_target target;
	struct model_codes codes; /* FIELD_CODES */
};

/* What the rows of a table are. */
enum model_rows {
	ROWS_METERS,
	ROWS_FIRMWARE,
	ROWS_OPTIONS,
	ROWS_SETTINGS,
	ROWS_SUPPLY_DETAILS, /* part, serial, ... of supplies: joined by description or index */
	ROWS_SUPPLIES,       /* a table of supplies where the standard one is empty */
	ROWS_MAINTENANCE,
	ROWS_KIND_COUNT
};

/* What a column holds. */
enum model_column_role {
	COLUMN_IS_VALUE, /* the number; the version of firmware; the value of a setting */
	COLUMN_IS_LABEL, /* the row's own name */
	COLUMN_IS_KEY,   /* the n-th key (model_column.key) */
	COLUMN_IS_PART,
	COLUMN_IS_SERIAL,
	COLUMN_IS_LIFE, /* what it lasts when new */
	COLUMN_IS_USED,
	COLUMN_IS_LEFT,
	COLUMN_IS_INSTALLED, /* date: text, or Unix seconds; 0 is none */
	COLUMN_ROLE_COUNT
};

struct model_column {
	struct oid_ber oid; /* of the column: entry.column */
	uint8_t role;       /* enum model_column_role */
	uint8_t key;
};

struct model_table {
	uint8_t rows;        /* enum model_rows */
	bool is_each_device; /* walked once for each device row that has a role: column.device.under
			      */
	bool keeps_unknown; /* rows without a target become vendor:<label>; else they are dropped */
	uint8_t under_len;  /* BER of the fixed index part, behind the device if is_each_device */
	uint8_t under[LIMIT_INDEX_BER - 5]; /* the device is the rest */
	uint8_t first_rows;                 /* to expect of a table that was never seen */
	uint8_t column_count;
	uint16_t first_column;
	struct model_targets targets;
};

/* Device rows of hrDeviceTable, by their hrDeviceType. */
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

/* A name under which printers of a family are sold, and how that is seen. Each hit counts: the
 * best sum wins; among equals the longer object id, then the file that came first. */
struct model_vendor {
	struct text vendor;  /* "Xerox" */
	uint16_t first_word; /* lower case; stands as a word in hrDeviceDescr or sysDescr */
	uint16_t word_count;
	uint16_t first_vendor; /* MFG of the 1284 device id, case folded */
	uint16_t vendor_count;
	uint16_t first_object; /* sysObjectID begins so */
	uint16_t object_count;
	/* What makes a device of this vendor a printer even if nothing of the Printer-MIB was
	 * answered: words of hrDeviceDescr or sysDescr, or its object id. */
	uint16_t first_printer_word;
	uint16_t printer_word_count;
	uint16_t first_printer_object;
	uint16_t printer_object_count;
	bool needs_object; /* none of the words counts without an object id that fits */
};

/* Quirks: what these printers cannot take. */
struct model_quirks {
	uint8_t max_varbinds; /* 0: as learned */
	bool has_no_bulk;
	struct text context; /* supplies are only told in this SNMP context ("Jetdirect") */
};

enum model_evidence { EVIDENCE_NONE, EVIDENCE_MIB, EVIDENCE_RECORDING, EVIDENCE_COUNT };

/* A line of `platen models`. */
struct model_line {
	struct text name; /* "AltaLink C80xx" */
	uint8_t evidence; /* enum model_evidence */
	struct text note;
};

/* A family: one file; a vendor with a root of its own makes a family of its own out of the same
 * file, with every relative OID hung on that root. Ranges are into the set's arrays. */
struct model {
	struct text name; /* "xerox" */
	struct text file; /* where it came from, for messages */
	uint16_t first_vendor, vendor_count;
	uint16_t first_get, get_count;
	uint16_t first_table, table_count;
	uint16_t first_device_type, device_type_count;
	uint16_t first_excluded, excluded_count;
	uint16_t first_line, line_count;
	/* "; SS 103.023.1, NC 103.0": firmware modules behind this mark in sysDescr; 0: none */
	char firmware_mark;
	struct model_quirks quirks;
};

struct models {
	const struct model *model;
	uint16_t count;
	const struct model_vendor *vendor;
	const struct text *word;   /* words, 1284 vendors */
	const struct oid_ber *oid; /* object ids, never-read sub-trees */
	const struct model_get *get;
	const struct model_table *table;
	const struct model_column *column;
	const struct model_target *target;
	const struct model_device_type *device_type;
	const struct model_line *line;
	const struct oid_ber
		*excluded; /* of every family together: nobody's are read, whoever it is */
	uint16_t excluded_count;
	uint64_t digest; /* of all files; tells sets apart */
	void *memory;    /* of models_open; opaque */
};

int models_open(struct models *set) MUST_USE;
void models_close(struct models *set);

/* The families that are compiled in (proto/models). ERR_CONF and `why` ("xerox.yaml:12:3: ...") if
 * one is not well formed, which a test excludes. */
int models_add_builtin(struct models *set, char why[LIMIT_WHY]) MUST_USE;

/* One more file. A family with the same name replaces the one that is there. 0, or ERR_CONF,
 * ERR_LIMIT with `why` = "FILE:LINE:COLUMN: what is wrong and what is allowed"; the set is then as
 * before. */
int models_add(struct models *set, const char *file, const uint8_t *bytes, size_t len,
	char why[LIMIT_WHY]) MUST_USE;

/* After the last file: the arrays above are filled. ERR_CONF and `why` when a family asks for
 * something in a sub-tree that is never read. */
int models_finish(struct models *set, char why[LIMIT_WHY]) MUST_USE;

/* The built-in set, sealed, made at its first use and never freed: for readers without options of
 * their own. NULL if memory ran out. */
const struct models *models_builtin(void);

/* Bytes that the set holds. */
size_t models_memory(const struct models *set);

/* Whether this OID lies in a sub-tree that is never read. */
bool models_is_excluded(const struct models *set, struct oid_ber oid);

/* The family and the name that a device is sold under, by what it says of itself. */
struct model_match {
	uint16_t model;  /* of the set */
	uint16_t vendor; /* of the set */
	uint16_t points; /* docs/models.md */
};

/* Texts may be empty, sys_object_id too. 0, or ERR_NAME: nobody's. */
int models_recognise(const struct models *set, struct text device_id, struct text device_descr,
	struct text sys_descr, const struct oid_ber *sys_object_id,
	struct model_match *ret) MUST_USE;

/* Whether a device of this vendor is a printer even if nothing of the Printer-MIB was answered. */
bool models_is_printer(const struct models *set, const struct model_vendor *vendor,
	struct text device_descr, struct text sys_descr, struct oid_ber sys_object_id);

/* What an IEEE 1284 device id says, as views into it; what it does not say is empty. */
void models_parse_device_id(
	struct text id, struct text *vendor, struct text *model, struct text *serial);

const char *model_evidence_name(enum model_evidence e);

#endif
