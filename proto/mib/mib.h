/* SPDX-License-Identifier: Apache-2.0
 * The objects to request from a printer, and the meaning of its responses: the standard MIBs (RFC
 * 3805, RFC 2790, RFC 3418, RFC 3806, PWG 5107.1) and the vendor's objects that a model file
 * describes (proto/model/model.h). Pure: requests out, varbinds in, facts into a struct reading;
 * the caller sends.
 *
 * Order of calls for one poll: mib_begin; while mib_next_request returns 1, send the request in the
 * SNMP context that mib_context names, then call mib_add_response, mib_add_error (the response has
 * an error-status) or mib_add_timeout. mib_abort ends a poll early. mib_end sets the status of
 * every group and derives vendor, model, levels and maintenance parts.
 *
 * Tables are walked by GETBULK over all their columns at once, several small tables in one request,
 * with as many repetitions as rows that the last poll found; scalars go in packed GETs. */
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
	TABLE_GENERAL,      /* prtGeneralTable: requested if row 1 may be another device's */
	TABLE_LOCALIZATION, /* prtLocalizationTable: the character set of its texts */
	TABLE_PORT,         /* ppmPortTable (PWG 5107.1): the IEEE 1284 device id */
	TABLE_MARKER,       /* prtMarkerTable */
	TABLE_COLORANT,     /* prtMarkerColorantTable */
	TABLE_SUPPLIES,     /* prtMarkerSuppliesTable */
	TABLE_ALERT,        /* prtAlertTable */
	TABLE_SOFTWARE,     /* hrSWInstalledTable: firmware modules */
	/* The tables from here on are requested in a full poll only. */
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

/* A walk covers one table, or the part of a vendor's table that belongs to one device row. */
enum { MIB_MODEL_WALKS = 32, MIB_WALKS = TABLE_COUNT + MIB_MODEL_WALKS };

/* The family that models_recognise returned for these texts. */
struct mib_recognised {
	uint64_t digest; /* of the texts and of the set of model files; 0: unused entry */
	uint16_t model, vendor, points; /* as in struct model_match; points 0: no family */
};

/* The findings of a poll for the next one: the length of the tables and the limits of the agent.
 * All zero for a printer that was never polled. */
struct mib_limits {
	uint8_t rows[MIB_WALKS]; /* rows seen + 1, of each walk; 0: unknown */
	uint64_t endless_walks;  /* bit w: a column of walk w had LIMIT_COLUMN_ROWS rows or more */
	uint8_t max_varbinds;    /* per response; 0: unknown */
	uint8_t varbinds_limit;  /* upper bound of max_varbinds (a setting or a quirk); 0: none */
	uint8_t good_responses;  /* full-sized responses since max_varbinds last changed */
	bool has_no_bulk;        /* GETBULK was refused or timed out, GETNEXT succeeded */
	uint8_t no_bulk_polls;   /* polls since then; after 64 GETBULK is tried again */
	bool was_polled;         /* at least one poll was completed */
	bool has_no_context;     /* requests in the vendor's own context time out */
	uint16_t request_bytes;  /* size of the largest request with a response */
	uint8_t proven_oids;     /* most OIDs in one request with a response */
	bool has_proven_bulk;    /* a GETBULK had a response */
	/* For the first responses of a poll and for all of them. A cache: not saved. */
	struct mib_recognised recognised[2];
	uint8_t next_recognised; /* the entry to replace next */
	bool is_safe_mode; /* it stopped responding to a request: requests stay within what it has
			      proven */
};

/* A column of a walk. */
struct mib_cursor {
	uint16_t column; /* index in mib_columns; from COLUMN_COUNT on: in the columns of the set of
			    model files */
	uint8_t table;   /* index in the family's tables, for a column of a model file */
	uint8_t state;   /* enum mib_cursor_state */
	uint8_t tail_len;  /* BER bytes after the column's prefix: the last row returned */
	uint8_t fixed_len; /* the first of these bytes, which all rows share: a sub-tree of the
			      column */
	uint8_t walk;      /* index below MIB_WALKS */
	uint8_t rows;      /* seen so far, at most UINT8_MAX - 1 */
	uint8_t expected;  /* number of rows expected */
	uint8_t group;     /* enum reading_group */
	bool is_trial; /* the only column requested of a table that was empty; with its first row
			  the others follow */
	uint8_t tail[LIMIT_INDEX_BER];
};

enum mib_cursor_state { CURSOR_WAITING, CURSOR_DONE, CURSOR_FAILED };

enum { MIB_CURSORS = 64, MIB_COLORANTS = 12 };

/* A row of prtMarkerColorantTable, kept until its name is joined to the supplies. */
struct mib_colorant {
	uint16_t device;
	uint16_t index;
	struct text name;
};

/* A row of hrDeviceTable with the values of hrPrinterTable under the same index. mib_end decides
 * which row is the printer. */
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

struct mib_row;      /* a row of a vendor's table other than of meters */
struct mib_storage;  /* a row of hrStorageTable */
struct mib_deferred; /* a vendor's value that belongs to a part */
struct mib_level;    /* a level of a supply in a vendor's object */
struct mib_sum;      /* a meter that the vendor splits */

/* The plan of one poll. Embedded in the caller's poll; owns no memory. */
struct mib_plan {
	struct mib_limits *limits;
	const struct models *models; /* NULL: the standard MIBs only */
	const struct model *model;   /* the family, once it is recognised; or NULL */
	uint8_t version;             /* enum snmp_version */
	uint8_t phase;
	bool is_incremental;  /* options, media and maintenance are left out */
	bool is_identity;     /* only identity, and whether it is a printer */
	uint8_t optional;     /* mask of enum reading_optional: what may be requested */
	uint8_t max_varbinds; /* wanted in one response */
	uint8_t cursor_count;
	uint8_t requested_count;   /* OIDs in the open request */
	uint16_t requested_groups; /* bit g: enum reading_group g is in the open request */
	uint8_t repetitions;
	uint8_t request_kind;    /* enum mib_request_kind */
	bool has_no_bulk;        /* in this poll; `limits` learns it when GETNEXT succeeds */
	bool is_bulk_trial;      /* GETBULK is tried again after it had failed */
	bool is_by_getnext;      /* the open request asks for scalars by GETNEXT */
	uint8_t request_retries; /* of the open request, each with fewer OIDs */
	uint64_t scalars_open;   /* bit i: still to request */
	uint64_t scalars_failed;
	uint64_t gets_open;    /* likewise of the family's scalars */
	uint64_t ids_open;     /* bit f: the 1284 device id of family f is still to request */
	uint64_t serials_open; /* bit f: the shared serial number of family f is still to request */
	uint64_t probes_open;  /* bit f: the first column of family f is still to probe */
	uint16_t groups_seen;  /* groups with at least one response */
	uint16_t groups_broken;  /* groups that lost something to a limit or an error */
	uint16_t groups_endless; /* of groups_broken: by a table without an end */
	uint8_t rows[MIB_WALKS]; /* as in struct mib_limits: the most rows of any column in this
				    poll */
	uint32_t printer_device; /* hrDeviceIndex of the printer, 0 unknown */
	uint16_t vendor;         /* index in the set; valid if model is not NULL */
	struct text recognised_words[4];      /* the texts of the last recognition, in the order of
						 models_recognise */
	uint8_t points;                       /* of that recognition */
	bool is_probed;                       /* recognised by its objects, not by its texts */
	bool has_printer_mib;                 /* it returned an object of the Printer-MIB */
	uint32_t localization;                /* prtGeneralCurrentLocalization */
	uint16_t charset;                     /* IANA MIBenum of the texts; 0 unknown */
	uint8_t object_ber[LIMIT_TEXT_SHORT]; /* sysObjectID */
	uint8_t object_len;
	struct mib_device device[LIMIT_DEVICE_ROWS];
	uint8_t device_count;
	struct mib_colorant colorant[MIB_COLORANTS];
	uint8_t colorant_count;
	uint32_t varbinds;                /* decoded so far */
	uint32_t memory_kib;              /* hrMemorySize */
	struct text vendor_model;         /* from the vendor's own object */
	struct text tray_vendor;          /* prtInputVendorName of the first tray that has one */
	struct text version_beside_model; /* in the text that named the model */
	/* The serial numbers of the vendor's own objects and of another family's: the one that is
	 * first in its model file, the one of the first family. */
	struct mib_serial {
		struct text text;
		uint32_t rank;
	} vendor_serial, shared_serial;
	bool has_serial; /* an object has returned one */
	struct meter *last_meter;
	struct supply *last_supply;
	struct alert *last_alert;
	struct option *last_option;
	struct subunit *last_subunit;
	struct mib_row *model_rows; /* newest first */
	/* Rows of the vendor's tables by walk: the one used last, and the one with the largest
	 * index. */
	void *last_of_walk[MIB_MODEL_WALKS];
	void *furthest_of_walk[MIB_MODEL_WALKS];
	struct mib_storage *storage;           /* newest first */
	struct mib_deferred *deferred;         /* newest first */
	struct mib_level *levels;              /* in the order of their objects */
	struct mib_sum *sums;                  /* by origin and name */
	uint8_t requested[LIMIT_REQUEST_OIDS]; /* numbers of scalars, or of cursors for columns */
	struct mib_cursor cursor[MIB_CURSORS];
};

/* `models` may be NULL and must outlive the poll. is_incremental: only groups that change from hour
 * to hour. */
void mib_begin(struct mib_plan *plan, struct mib_limits *limits, enum snmp_version version,
	const struct models *models, bool is_incremental);

/* To call right after mib_begin: only identity, and whether the device is a printer, in three or
 * four requests. The other groups stay GROUP_NOT_REQUESTED. */
void mib_limit_to_identity(struct mib_plan *plan);

/* To call right after mib_begin: fields that are requested by opt-in only, a mask of enum
 * reading_optional. */
void mib_add_optional(struct mib_plan *plan, unsigned optional);

/* Writes the next request to *q and returns 1; returns 0 when the poll is complete. max_bytes: as
 * for snmp_request_add. */
int mib_next_request(struct mib_plan *plan, struct snmp_request *q, size_t max_bytes) MUST_USE;

/* The SNMP context of the open request ("Jetdirect"); empty for most. An SNMPv1 or SNMPv2c agent
 * expects it appended to the community, as "public@Jetdirect". */
struct text mib_context(const struct mib_plan *plan);

/* Decodes the varbinds of a response without error-status. Varbinds that were not requested are
 * skipped; a walk that does not increase ends its column. */
void mib_add_response(struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n);

/* A response with an error-status: the plan requests the objects in another way, or gives them up.
 */
void mib_add_error(struct mib_plan *plan, int error_status, int error_index);

/* A request timed out. Returns true if the poll continues, with a smaller request or without the
 * objects of another context. */
bool mib_add_timeout(struct mib_plan *plan);

/* The open request and mib_liveness_request timed out: the device has stopped responding. Enters
 * safe mode, as some devices crash on such requests: from now on no more OIDs in one request than
 * it has proven, GETBULK only if proven, no object that may not exist. The caller ends the poll by
 * mib_abort. */
void mib_enter_safe_mode(struct mib_plan *plan);

/* A GET of sysUpTime, which every agent has. */
void mib_liveness_request(struct snmp_request *q);

/* Skips the open request; its groups become incomplete. */
void mib_skip_request(struct mib_plan *plan);

/* The same for two requests with the same content, whatever their request-ids; never 0. */
uint64_t mib_request_digest(const struct snmp_request *q);

/* Ends the poll early: groups with objects still to request become partial or failed. */
void mib_abort(struct mib_plan *plan);

/* To call after the last response, or after mib_abort. */
void mib_end(struct mib_plan *plan, struct reading *r);

#endif
