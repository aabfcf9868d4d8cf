/* SPDX-License-Identifier: Apache-2.0
 * What to ask a printer and what its answers mean: the standard MIBs (RFC 3805, RFC 2790, RFC 3418)
 * and Xerox. Pure: questions out, varbinds in, facts into a struct reading; the caller sends.
 *
 * Order of calls for one visit:
 *   mib_begin; then as long as mib_ask says 1: send the question, and give the answer to mib_fold,
 *   or to mib_refused if the printer answered with an error-status; or give up by mib_give_up.
 *   At the end mib_end sets the status of every group and draws the conclusions (maker, levels).
 *
 * Tables are walked by GETBULK over all their columns at once, several small tables in one request,
 * with as many repetitions as the rows that the last visit found; scalars go in packed GETs. */
#ifndef PLATEN_PROTO_MIB_H
#define PLATEN_PROTO_MIB_H

#include "proto/reading.h"
#include "proto/snmpmsg.h"
#include "proto/varbind.h"

#include <stddef.h>
#include <stdint.h>

enum mib_table {
	TABLE_DEVICE,   /* hrDeviceTable */
	TABLE_PRINTER,  /* hrPrinterTable */
	TABLE_IF,       /* ifTable: the hardware address */
	TABLE_GENERAL,  /* prtGeneralTable, where row 1 is not the printer */
	TABLE_MARKER,   /* prtMarkerTable */
	TABLE_COLORANT, /* prtMarkerColorantTable */
	TABLE_SUPPLIES, /* prtMarkerSuppliesTable */
	TABLE_ALERT,    /* prtAlertTable */
	TABLE_XEROX,    /* xcmHrDevDetailTable, usage counters of one device row */
	TABLE_COUNT
};

enum mib_vendor {
	VENDOR_UNKNOWN,
	VENDOR_XEROX,
	VENDOR_HP,
	VENDOR_LEXMARK,
	VENDOR_BROTHER,
	VENDOR_KYOCERA,
	VENDOR_CANON,
	VENDOR_RICOH,
	VENDOR_KONICA_MINOLTA,
	VENDOR_EPSON,
	VENDOR_SAMSUNG,
	VENDOR_OKI,
	VENDOR_SHARP,
	VENDOR_TOSHIBA,
	VENDOR_FUJIFILM,
	VENDOR_DELL,
	VENDOR_COUNT
};

const char *mib_vendor_name(enum mib_vendor v);

/* A walk is one table, or the usage counters of one device row of a Xerox. */
enum { MIB_XEROX_ROWS = 8, MIB_WALKS = TABLE_XEROX + MIB_XEROX_ROWS };

/* What one visit leaves for the next: how large the tables were, and what the printer can take.
 * Zeroed for a printer that was never met. */
struct mib_memory {
	uint8_t rows[MIB_WALKS]; /* rows seen + 1, of each walk; 0: not known */
	uint8_t max_varbinds;    /* of one answer; 0: not known */
	uint8_t most_varbinds;  /* never aim at more than this (a setting or a quirk); 0: no such */
	uint8_t good_answers;   /* full-sized answers since max_varbinds last changed */
	bool has_no_bulk;       /* GETBULK was refused or never answered, GETNEXT was */
	uint8_t no_bulk_visits; /* since then; now and then it is tried again */
	bool is_met;            /* a visit was completed */
	uint16_t request_bytes; /* largest request that was answered */
};

/* A column being walked. */
struct mib_cursor {
	uint8_t column;    /* index in the column table (mib_table.c) */
	uint8_t state;     /* enum mib_cursor_state */
	uint8_t tail_len;  /* BER bytes behind the column's prefix: where the walk stands */
	uint8_t fixed_len; /* of these, how many belong to what is asked: a sub-tree of it */
	uint8_t walk;      /* which of MIB_WALKS it belongs to */
	uint8_t rows;      /* seen so far, saturating */
	uint8_t tail[16];
};

enum mib_cursor_state { CURSOR_WAITING, CURSOR_DONE, CURSOR_FAILED };

enum { MIB_CURSORS = 48, MIB_COLORANTS = 12 };

/* A row of prtMarkerColorantTable, until its name is joined to the supplies. */
struct mib_colorant {
	uint16_t device;
	uint16_t index;
	struct text name;
};

/* A row of hrDeviceTable with what stands in hrPrinterTable beside it. Which of the rows is the
 * printer is only known at the end. */
struct mib_device {
	const char *descr;
	uint32_t index;
	uint16_t errors;
	uint8_t descr_len;
	uint8_t role; /* enum mib_role */
	uint8_t status;
	uint8_t printer_status;
	bool has_errors;
};

/* The plan of one visit. Embedded in the visit; holds no memory of its own. */
struct mib_walk {
	struct mib_memory *memory;
	uint8_t version; /* enum snmp_version */
	uint8_t phase;
	uint8_t vendor;       /* enum mib_vendor, as far as the first answer told */
	uint8_t max_varbinds; /* aimed at in one answer */
	uint8_t cursor_count;
	uint8_t asked_count;  /* OIDs in the open question */
	uint8_t asked_groups; /* bit g: enum reading_group g is in the open question */
	uint8_t asked_repetitions;
	bool asked_is_bulk;
	bool has_no_bulk;       /* in this visit; the memory learns it when GETNEXT is answered */
	bool is_bulk_trial;     /* had no bulk before: is that still so? */
	uint8_t retries_of_ask; /* the same step, smaller */
	uint16_t scalars_open;  /* bit i: still to ask */
	uint16_t scalars_failed;
	uint8_t groups_seen;     /* groups of which something was answered */
	uint8_t groups_broken;   /* groups that lost something to a limit or an error */
	uint8_t rows[MIB_WALKS]; /* as in the memory: the most rows of any column in this visit */
	uint32_t printer_device; /* hrDeviceIndex of the printer, 0 unknown */
	uint32_t enterprise;     /* of sysObjectID, 0 unknown */
	struct mib_device device[LIMIT_DEVICE_ROWS];
	uint8_t device_count;
	struct mib_colorant colorant[MIB_COLORANTS];
	uint8_t colorant_count;
	uint32_t varbinds;     /* folded so far */
	bool has_labels_first; /* a counter's label came before its value */
	struct meter *last_meter;
	struct supply *last_supply;
	struct alert *last_alert;
	uint8_t asked[LIMIT_ASK_OIDS]; /* scalar numbers, or cursor numbers for tables */
	struct mib_cursor cursor[MIB_CURSORS];
};

void mib_begin(struct mib_walk *w, struct mib_memory *memory, enum snmp_version version);

/* The next question into *q, or 0 when everything was asked. max_bytes: as snmp_question_add. */
int mib_ask(struct mib_walk *w, struct snmp_question *q, size_t max_bytes) MUST_USE;

/* The varbinds of an answer without error-status. A varbind that does not answer what was asked is
 * passed over; a walk that does not increase ends its column. */
void mib_fold(struct mib_walk *w, struct reading *r, const struct varbind *vb, size_t n);

/* The printer answered with this error-status: what it could not take is asked otherwise. */
void mib_refused(struct mib_walk *w, int error_status, int error_index);

/* No answer. True if the same is worth asking again in a smaller portion. */
bool mib_unanswered(struct mib_walk *w);

/* Everything not asked yet stays unasked: the groups concerned become partial or failed. */
void mib_give_up(struct mib_walk *w);

/* After the last answer, or after mib_give_up. */
void mib_end(struct mib_walk *w, struct reading *r);

/* ---- between the files of this module --------------------------------------------------- */

enum mib_scalar {
	SCALAR_SYS_DESCR,
	SCALAR_SYS_OBJECT_ID,
	SCALAR_SYS_UPTIME,
	SCALAR_DEVICE_DESCR, /* hrDeviceDescr.1 */
	SCALAR_SERIAL,       /* prtGeneralSerialNumber.1 */
	SCALAR_CRITICAL_EVENTS,
	SCALAR_ALL_EVENTS,
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
	COLUMN_XEROX_VALUE,
	COLUMN_XEROX_LABEL,
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

/* Roles of a device row, for the printer's state and for Xerox's counters. */
enum mib_role {
	ROLE_UNTOLD, /* its type was not answered (yet) */
	ROLE_PRINTER,
	ROLE_COPIER,
	ROLE_SCANNER,
	ROLE_FAX,
	ROLE_OTHER_FAX,
	ROLE_NONE /* a disk, a processor ... */
};

static inline struct oid_ber mib_column_oid(const struct mib_cursor *c)
{
	const struct mib_column_def *def = &mib_columns[c->column];
	return (struct oid_ber){(const uint8_t *)def->ber, def->ber_len};
}

static inline bool mib_asks_bulk(const struct mib_walk *w)
{
	return w->version != SNMP_V1 && !w->memory->has_no_bulk && !w->has_no_bulk;
}

/* The most varbinds that an answer of this printer is ever aimed at. */
uint8_t mib_most_varbinds(const struct mib_memory *m);

/* One value of a column; sub[n] is the row's index. False: the reading had no room for it. */
bool mib_store(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb);
void mib_store_scalar(
	struct mib_walk *w, struct reading *r, enum mib_scalar s, const struct varbind *vb);

/* For mib_store: the tables that describe the device itself. */
void mib_store_device(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	uint32_t device, const struct varbind *vb);
/* An enumeration, 0 if it is none; and text, empty if it is none. */
uint8_t mib_small_enum(const struct varbind *vb);
struct text mib_octets(struct reading *r, const struct varbind *vb, size_t max);

/* The row of hrDeviceTable with this index, a new one if it was not seen; NULL when there is no
 * room for it. */
struct mib_device *mib_device_row(struct mib_walk *w, uint32_t index);
/* State and model from the row that is the printer. */
void mib_conclude_device(struct mib_walk *w, struct reading *r);

/* The maker by what the printer calls itself, else by its enterprise number: sysObjectID alone
 * names the wrong maker for several. */
enum mib_vendor mib_recognise(const struct reading *r, uint32_t enterprise);
/* Model, firmware and parts out of the texts that carry them. */
void mib_conclude(struct mib_walk *w, struct reading *r);

#endif
