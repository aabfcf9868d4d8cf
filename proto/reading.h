/* SPDX-License-Identifier: Apache-2.0
 * A reading: what one printer said in one visit, as facts with the names of RFC 3805, RFC 2790 and
 * PWG 5106.1. It is built by proto/mib from varbinds, packed by proto/pack, and read back by the
 * hub into the same shape. Everything inside lives in the reading's arena: texts are scrubbed
 * UTF-8 with a NUL behind, lists are singly linked in table order, and reading_close gives all of
 * it back at once. Times are Unix milliseconds of the agent's clock. */
#ifndef PLATEN_PROTO_READING_H
#define PLATEN_PROTO_READING_H

#include "engine/core/arena.h"
#include "engine/core/err.h"
#include "engine/core/limits.h"
#include "engine/core/str.h"

#include <stddef.h>
#include <stdint.h>

/* A reading is read, packed, sent and merged by group. */
enum reading_group {
	GROUP_IDENTITY,
	GROUP_METERS,
	GROUP_SUPPLIES,
	GROUP_ALERTS,
	GROUP_STATE,
	GROUP_COUNT
};

enum group_status {
	GROUP_NOT_ASKED,
	GROUP_COMPLETE, /* everything asked was answered, also when the answer is "have none" */
	GROUP_PARTIAL,  /* some of it: the printer fell silent, or a limit was reached */
	GROUP_FAILED,   /* asked, and nothing usable came */
	GROUP_STATUS_COUNT
};

struct group_info {
	uint8_t status;          /* enum group_status */
	uint64_t asked_at_ms;    /* before the first request of the group left */
	uint64_t answered_at_ms; /* after its last answer came */
};

struct firmware {
	struct firmware *next;
	struct text name;
	struct text version;
};

struct identity {
	bool is_printer;    /* something under the Printer-MIB answered, or the maker is known */
	struct text vendor; /* "Xerox", empty if unknown */
	struct text model;
	struct text serial; /* as the printer says it, outer blanks cut; empty when it says none */
	struct text sys_descr;
	struct text sys_object_id; /* dotted */
	struct text mac;           /* aa:bb:cc:dd:ee:ff */
	struct text name;          /* sysName: sent by explicit opt-in only */
	uint32_t uptime_cs;        /* sysUpTime, hundredths of a second, modulo 2^32 */
	struct firmware *firmware;
	uint16_t firmware_count;
};

/* The closed list of meters; METER_VENDOR carries the printer's own label instead. */
enum meter_name {
	METER_IMPRESSIONS_TOTAL,
	METER_IMPRESSIONS_COLOR,
	METER_IMPRESSIONS_MONO,
	METER_SHEETS_TOTAL,
	METER_SHEETS_DUPLEX,
	METER_PRINT_IMPRESSIONS_TOTAL,
	METER_PRINT_IMPRESSIONS_COLOR,
	METER_PRINT_IMPRESSIONS_MONO,
	METER_COPY_IMPRESSIONS_TOTAL,
	METER_COPY_IMPRESSIONS_COLOR,
	METER_COPY_IMPRESSIONS_MONO,
	METER_FAX_IMPRESSIONS_TOTAL,
	METER_FAX_IMPRESSIONS_COLOR,
	METER_FAX_IMPRESSIONS_MONO,
	METER_SCAN_IMAGES_TOTAL,
	METER_SCAN_IMAGES_NETWORK,
	METER_SCAN_IMAGES_EMAIL,
	METER_LARGE_IMPRESSIONS_TOTAL,
	METER_LARGE_IMPRESSIONS_COLOR,
	METER_LARGE_IMPRESSIONS_MONO,
	METER_COLOR_LEVEL_1,
	METER_COLOR_LEVEL_2,
	METER_COLOR_LEVEL_3,
	METER_COLOR_HIGHLIGHT,
	METER_COLOR_BUSINESS,
	METER_COLOR_GRAPHICS,
	METER_MARKER_LIFE,
	METER_POWER_ON_IMPRESSIONS,
	METER_VENDOR,
	METER_NAME_COUNT
};

enum meter_quality { QUALITY_OK, QUALITY_SUSPECT, QUALITY_COUNT };

struct meter {
	struct meter *next;
	uint8_t name;    /* enum meter_name */
	uint8_t unit;    /* PrtMarkerCounterUnitTC: 7 impressions, 8 sheets, ...; 0 unknown */
	uint8_t quality; /* enum meter_quality */
	uint32_t device; /* hrDeviceIndex of its row, and ... */
	uint32_t index;  /* ... the row's own index: only while folding, never sent */
	uint64_t value;
	struct text label;  /* METER_VENDOR: the printer's words; else empty */
	struct text source; /* dotted OID that it was read from */
};

/* prtMarkerSuppliesLevel and MaxCapacity as one honest value (RFC 3805: -1 other/unlimited,
 * -2 unknown, -3 some left). */
enum level_kind {
	LEVEL_UNKNOWN,   /* -2, or nothing was said */
	LEVEL_PERCENT,   /* level and maximum known; a receptacle's percent is the space left */
	LEVEL_UNITS,     /* a level without a maximum */
	LEVEL_SOME,      /* -3 */
	LEVEL_UNLIMITED, /* -1 */
	LEVEL_EMPTY,     /* vendor states without a number */
	LEVEL_LOW,
	LEVEL_OK,
	LEVEL_KIND_COUNT
};

struct supply {
	struct supply *next;
	uint32_t device;      /* hrDeviceIndex */
	uint32_t index;       /* prtMarkerSuppliesIndex */
	uint8_t type;         /* PrtMarkerSuppliesTypeTC, 0 absent */
	uint8_t supply_class; /* 3 consumed, 4 receptacle, 1 other, 0 absent */
	uint8_t unit;         /* PrtMarkerSuppliesSupplyUnitTC, 0 absent */
	uint8_t level_kind;   /* enum level_kind */
	bool has_level;       /* prtMarkerSuppliesLevel was answered */
	bool has_max;
	int32_t level; /* as answered, negative codes included */
	int32_t max;
	uint32_t colorant_index; /* prtMarkerColorantIndex, 0 none */
	struct text colorant;    /* lower case: "black", "cyan" ... */
	struct text description;
	struct text part;   /* taken out of the description where it carries one */
	struct text serial; /* likewise */
};

struct alert {
	struct alert *next;
	uint32_t device;
	uint32_t index;   /* prtAlertIndex */
	int32_t severity; /* PrtAlertSeverityLevelTC */
	int32_t training; /* PrtAlertTrainingLevelTC */
	int32_t group;    /* PrtAlertGroupTC */
	int32_t group_index;
	int32_t location;
	int32_t code;     /* PrtAlertCodeTC */
	uint32_t time_cs; /* prtAlertTime: sysUpTime at the change, 0 unknown */
	struct text description;
};

struct printer_state {
	uint8_t device_status;  /* hrDeviceStatus, 0 absent */
	uint8_t printer_status; /* hrPrinterStatus, 0 absent */
	bool has_errors;
	uint16_t errors; /* hrPrinterDetectedErrorState: bit 15 = lowPaper (bit 0 of the BITS) */
	uint32_t critical_events; /* prtAlertCriticalEvents, 0 absent */
	uint32_t all_events;
	struct text console; /* what the panel shows, first lines; may be empty */
};

struct reading {
	struct arena arena;
	struct group_info group[GROUP_COUNT];
	struct identity identity;
	struct meter *meters;
	struct supply *supplies;
	struct alert *alerts;
	struct meter **meters_end; /* where the next one is hung */
	struct supply **supplies_end;
	struct alert **alerts_end;
	uint16_t meter_count;
	uint16_t supply_count;
	uint16_t alert_count;
	struct printer_state state;
	bool is_ipp; /* read by IPP, not by SNMP: meters name attributes instead of OIDs */
};

/* Empty; takes blocks of `blocks` (objects of LIMIT_ARENA_BLOCK bytes) as it fills. */
void reading_open(struct reading *r, struct slab *blocks);
void reading_close(struct reading *r);

/* Appends a zeroed row. NULL when the table's limit or the arena's is reached. */
struct meter *reading_add_meter(struct reading *r) MUST_USE;
struct supply *reading_add_supply(struct reading *r) MUST_USE;
struct alert *reading_add_alert(struct reading *r) MUST_USE;
struct firmware *reading_add_firmware(struct reading *r) MUST_USE;

/* Copies scrubbed text into the arena, cut to `max` bytes. {NULL,0} when the arena is full. */
struct text reading_text(struct reading *r, const uint8_t *bytes, size_t len, size_t max);

/* The percent of a supply, 0..100, or a negative number if it has none. */
double supply_percent(const struct supply *s);

/* Sets level_kind from what was answered (has_level, level, has_max, max, unit). */
void supply_judge_level(struct supply *s);

/* Words for people and JSON: stable, snake_case, documented in docs/json.md. */
const char *group_name(enum reading_group g);
const char *group_status_name(enum group_status s);
const char *meter_name_text(enum meter_name name);
int meter_name_from_text(struct text t); /* or ERR_FORMAT */
const char *meter_unit_name(unsigned unit);
const char *supply_type_name(unsigned type);
const char *supply_class_name(unsigned supply_class);
const char *supply_unit_name(unsigned unit);
const char *level_kind_name(enum level_kind kind);
const char *quality_name(enum meter_quality quality);
const char *alert_severity_name(int severity);
const char *alert_training_name(int training);
const char *alert_group_name(int group);
/* Longest name of an alert code with its NUL, rounded up. */
#define ALERT_CODE_NAME 64
/* PrtAlertCodeTC; the Finisher codes are composed in dst. */
const char *alert_code_name(int code, char dst[ALERT_CODE_NAME]);
/* "fault" (critical), "state" (asks nobody to do anything) or "warning". */
const char *alert_kind_name(const struct alert *a);
const char *printer_status_name(unsigned status);
const char *device_status_name(unsigned status);
/* The bits of hrPrinterDetectedErrorState in order, "low_paper" ... ; NULL past the last. */
const char *error_bit_name(unsigned bit);

#endif
