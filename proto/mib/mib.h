/* SPDX-License-Identifier: Apache-2.0
 * What to ask a printer and what its answers mean: the standard MIBs (RFC 3805, RFC 2790, RFC 3418,
 * RFC 3806, PWG 5107.1), and beyond them what the vendor's model file says (proto/model/model.h).
 * Pure: questions out, varbinds in, facts into a struct reading; the caller sends.
 *
 * Order of calls for one poll:
 *   mib_begin; then as long as mib_next_request says 1: send the question (in the SNMP context that
 *   mib_context names), and give the answer to mib_add_response, or to mib_add_error if the printer
 * answered with an error-status; or give up by mib_abort. At the end mib_end sets the status of
 * every group and draws the conclusions (vendor, model, levels, parts that wear).
 *
 * Tables are walked by GETBULK over all their columns at once, several small tables in one request,
 * with as many repetitions as the rows that the last poll found; scalars go in packed GETs. */
#ifndef PLATEN_MIB_MIB_H
#define PLATEN_MIB_MIB_H

#include "proto/model/model.h"
#include "proto/reading/reading.h"
#include "proto/smi/request.h"
#include "proto/smi/varbind.h"

#include <stddef.h>
#include <stdint.h>

enum mib_table {
	TABLE_DEVICE,       /* hrDeviceTable */
	TABLE_PRINTER,      /* hrPrinterTable */
	TABLE_IF,           /* ifTable: the hardware address */
	TABLE_GENERAL,      /* prtGeneralTable, where row 1 is not the printer */
	TABLE_LOCALIZATION, /* prtLocalizationTable: the character set of its texts */
	TABLE_PORT,         /* ppmPortTable (PWG 5107.1): the 1284 device id */
	TABLE_MARKER,       /* prtMarkerTable */
	TABLE_COLORANT,     /* prtMarkerColorantTable */
	TABLE_SUPPLIES,     /* prtMarkerSuppliesTable */
	TABLE_ALERT,        /* prtAlertTable */
	TABLE_SOFTWARE,     /* hrSWInstalledTable: firmware modules */
	/* From here on only in a whole poll. */
	TABLE_STORAGE, /* hrStorageTable */
	TABLE_CHANNEL,
	TABLE_INTERPRETER,
	TABLE_FINISHER, /* finDeviceTable (RFC 3806) */
	TABLE_INPUT,
	TABLE_OUTPUT,
	TABLE_COVER,
	TABLE_PATH,
	TABLE_COUNT
};

/* A walk is one table, or one device row's part of a vendor's table. */
enum { MIB_MODEL_WALKS = 32, MIB_WALKS = TABLE_COUNT + MIB_MODEL_WALKS };

/* The family that a printer with these words belongs to. */
struct mib_recognised {
	uint64_t digest;                /* of the words and of the set of model files; 0: unused */
	uint16_t model, vendor, points; /* as struct model_match; no points: no family */
};

/* What one poll leaves for the next: how large the tables were, and what the printer can take.
 * Zeroed for a printer that was never polled. */
struct mib_limits {
	uint8_t rows[MIB_WALKS]; /* rows seen + 1, of each walk; 0: not known */
	uint64_t endless_walks;  /* bit w: a column of walk w had LIMIT_COLUMN_ROWS rows and more */
	uint8_t max_varbinds;    /* of one answer; 0: not known */
	uint8_t varbinds_limit; /* never aim at more than this (a setting or a quirk); 0: no such */
	uint8_t good_responses; /* full-sized answers since max_varbinds last changed */
	bool has_no_bulk;       /* GETBULK was refused or never answered, GETNEXT was */
	uint8_t no_bulk_polls;  /* since then; now and then it is tried again */
	bool was_polled;        /* a poll was completed */
	bool has_no_context;    /* silent in the context in which others hide their supplies */
	uint16_t request_bytes; /* largest request that was answered */
	uint8_t proven_oids;    /* the most OIDs in one question that was answered */
	bool has_proven_bulk;   /* a GETBULK was answered */
	/* By the first responses of a poll, and by all of them; not worth saving. */
	struct mib_recognised recognised[2];
	uint8_t next_recognised; /* the entry to replace */
	bool is_safe_mode; /* it fell silent on a question: only asked as it has shown to take */
};

/* A column being walked. */
struct mib_cursor {
	uint16_t column;   /* index in the column table (mib_table.c); COLUMN_COUNT and more: of the
			    * set's columns of model files */
	uint8_t table;     /* which of the family's tables, for a column of a model file */
	uint8_t state;     /* enum mib_cursor_state */
	uint8_t tail_len;  /* BER bytes behind the column's prefix: where the walk stands */
	uint8_t fixed_len; /* of these, how many belong to what is asked: a sub-tree of it */
	uint8_t walk;      /* which of MIB_WALKS it belongs to */
	uint8_t rows;      /* seen so far, saturating */
	uint8_t expected;  /* rows */
	uint8_t group;     /* enum reading_group */
	bool is_trial;     /* alone of its table, until it finds a row */
	uint8_t tail[LIMIT_INDEX_BER];
};

enum mib_cursor_state { CURSOR_WAITING, CURSOR_DONE, CURSOR_FAILED };

enum { MIB_CURSORS = 64, MIB_COLORANTS = 12 };

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
	uint8_t role; /* enum model_role */
	uint8_t status;
	uint8_t printer_status;
	bool has_errors;
};

struct mib_row;      /* a row of a vendor's table that is not a meter */
struct mib_storage;  /* a row of hrStorageTable */
struct mib_deferred; /* a value of the vendor's that belongs to a row of the standard */

/* The plan of one poll. Embedded in the poll; holds no memory of its own. */
struct mib_plan {
	struct mib_limits *limits;
	const struct models *models; /* or NULL: the standard MIBs only */
	const struct model *model;   /* the family, as soon as the first answers tell; or NULL */
	uint8_t version;             /* enum snmp_version */
	uint8_t phase;
	bool is_incremental;  /* options, media and parts that wear are left out of this poll */
	bool is_identity;     /* only who it is, and whether it is a printer */
	uint8_t max_varbinds; /* aimed at in one answer */
	uint8_t cursor_count;
	uint8_t requested_count;   /* OIDs in the open question */
	uint16_t requested_groups; /* bit g: enum reading_group g is in the open question */
	uint8_t repetitions;
	uint8_t request_kind;    /* enum mib_request_kind */
	bool has_no_bulk;        /* in this poll; the memory learns it when GETNEXT is answered */
	bool is_bulk_trial;      /* had no bulk before: is that still so? */
	bool is_by_getnext;      /* the open question asks for scalars by GETNEXT */
	uint8_t request_retries; /* the same step, smaller */
	uint64_t scalars_open;   /* bit i: still to ask */
	uint64_t scalars_failed;
	uint64_t gets_open;      /* the same of the family's scalars */
	uint64_t ids_open;       /* bit f: family f's 1284 device id is still to ask */
	uint64_t probes_open;    /* bit f: whether anything of family f's table is there */
	uint16_t groups_seen;    /* groups of which something was answered */
	uint16_t groups_endless; /* of groups_broken: by a table without an end */
	uint16_t groups_broken;  /* groups that lost something to a limit or an error */
	uint8_t rows[MIB_WALKS]; /* as in the memory: the most rows of any column in this poll */
	uint32_t printer_device; /* hrDeviceIndex of the printer, 0 unknown */
	uint16_t vendor;         /* of the set, where model is not NULL */
	struct text recognised_words[4];      /* the last texts that it was recognised by */
	uint8_t points;                       /* with which it was recognised */
	bool is_probed;                       /* recognised by its objects, not by its words */
	bool has_printer_mib;                 /* something under the Printer-MIB was answered */
	uint32_t localization;                /* prtGeneralCurrentLocalization */
	uint16_t charset;                     /* IANA MIBenum of the texts; 0 not told */
	uint8_t object_ber[LIMIT_TEXT_SHORT]; /* sysObjectID */
	uint8_t object_len;
	struct mib_device device[LIMIT_DEVICE_ROWS];
	uint8_t device_count;
	struct mib_colorant colorant[MIB_COLORANTS];
	uint8_t colorant_count;
	uint32_t varbinds;        /* folded so far */
	uint32_t memory_kib;      /* hrMemorySize */
	struct text vendor_model; /* by the vendor's own object */
	struct meter *last_meter;
	struct supply *last_supply;
	struct alert *last_alert;
	struct option *last_option;
	struct subunit *last_subunit;
	struct mib_row *model_rows; /* newest first */
	/* Rows of the vendor's tables, by walk: the one touched last, the one with the largest
	 * index. */
	void *last_of_walk[MIB_MODEL_WALKS];
	void *furthest_of_walk[MIB_MODEL_WALKS];
	struct mib_storage *storage;       /* newest first */
	struct mib_deferred *deferred;     /* newest first */
	uint8_t requested[LIMIT_ASK_OIDS]; /* scalar numbers, or cursor numbers for tables */
	struct mib_cursor cursor[MIB_CURSORS];
};

/* `models` may be NULL; it outlives the poll. is_incremental: only what changes from hour to hour.
 */
void mib_begin(struct mib_plan *plan, struct mib_limits *limits, enum snmp_version version,
	const struct models *models, bool is_incremental);

/* Right after mib_begin: only what tells who it is and whether it is a printer, which takes three
 * or four questions. The other groups stay unasked. */
void mib_limit_to_identity(struct mib_plan *plan);

/* The next question into *q, or 0 when everything was asked. max_bytes: as snmp_request_add. */
int mib_next_request(struct mib_plan *plan, struct snmp_request *q, size_t max_bytes) MUST_USE;

/* The SNMP context in which the question just made has to be asked: "Jetdirect"; mostly empty. A
 * v1/v2c agent takes it behind its community, as "public@Jetdirect". */
struct text mib_context(const struct mib_plan *plan);

/* The varbinds of an answer without error-status. A varbind that does not answer what was asked is
 * passed over; a walk that does not increase ends its column. */
void mib_add_response(struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n);

/* The printer answered with this error-status: what it could not take is asked otherwise. */
void mib_add_error(struct mib_plan *plan, int error_status, int error_index);

/* No answer. True if the poll goes on: with the same in a smaller portion, or without what was
 * asked for in another context. */
bool mib_add_timeout(struct mib_plan *plan);

/* No answer, and none to mib_liveness_request either: the device fell silent on the open question.
 * From now on it is only asked as it has shown to take: no more objects at once than were answered,
 * by GETBULK only if one was answered, and never for an object that might not be there. Devices
 * exist that crash on each of these. The poll is over: mib_abort follows. */
void mib_enter_safe_mode(struct mib_plan *plan);

/* One object that every agent has: is it still there? */
void mib_liveness_request(struct snmp_request *q);

/* The open question is not asked: its groups are told without it. */
void mib_skip_request(struct mib_plan *plan);

/* Tells one question from others, whatever its request-id. */
uint64_t mib_request_digest(const struct snmp_request *q);

/* Everything not asked yet stays unasked: the groups concerned become partial or failed. */
void mib_abort(struct mib_plan *plan);

/* After the last answer, or after mib_abort. */
void mib_end(struct mib_plan *plan, struct reading *r);

#endif
