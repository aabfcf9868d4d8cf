/* SPDX-License-Identifier: Apache-2.0
 * A reading: the values that one printer returned in one poll, with the names of RFC 3805, RFC 2790
 * and PWG 5106.1. proto/mib builds it from varbinds, proto/wire/pack packs it, and the hub unpacks
 * it into the same struct. Everything lies in the reading's arena: texts are scrubbed UTF-8 with a
 * NUL at the end, lists are singly linked in table order, and reading_close frees all of it at
 * once. Times are Unix milliseconds of the agent's clock. */
#ifndef PLATEN_READING_READING_H
#define PLATEN_READING_READING_H

#include "proto/base/arena.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/smi/oid.h"

#include <stddef.h>
#include <stdint.h>

/* A reading is polled, packed, sent and merged by group. */
enum reading_group {
	GROUP_IDENTITY,
	GROUP_METERS,
	GROUP_SUPPLIES,
	GROUP_ALERTS,
	GROUP_STATE,
	GROUP_OPTIONS,     /* installed options and configuration settings */
	GROUP_MEDIA,       /* trays, bins, covers, media paths */
	GROUP_MAINTENANCE, /* parts that wear out: fuser, drum, belt, rollers */
	GROUP_COUNT
};

/* The protocols of a reading: a mask in struct reading, one bit in a row. */
enum reading_source { SOURCE_SNMP = 1, SOURCE_IPP = 2 };

enum group_status {
	GROUP_NOT_REQUESTED,
	GROUP_COMPLETE, /* all requests had a response, even if it holds no rows */
	GROUP_PARTIAL,  /* some requests had none, or a limit was reached */
	GROUP_FAILED,   /* requested, without a usable response */
	GROUP_STATUS_COUNT
};

struct group_info {
	uint8_t status;           /* enum group_status */
	uint8_t sources;          /* mask of enum reading_source; 0: that of the reading */
	uint64_t requested_at_ms; /* before the first request of the group was sent */
	uint64_t responded_at_ms; /* after the last response of the group arrived */
	/* When the content before this one was last seen, if that was after its record; 0: not. */
	uint64_t before_at_ms;
};

struct firmware {
	struct firmware *next;
	struct text name;
	struct text version;
};

/* The reason for is_printer. */
enum identity_why {
	WHY_NOTHING,     /* not requested, or no response */
	WHY_PRINTER_MIB, /* it returned objects of the Printer-MIB (RFC 3805), which no other device
			    has */
	WHY_VENDOR,      /* no Printer-MIB, but a model that is known to be a printer without it */
	WHY_IPP,         /* it returned printer attributes by IPP */
	WHY_ONLY_HOST_ROWS, /* hrDevicePrinter rows only: print servers and hosts list their queues
			     */
	WHY_NO_PRINTER_MIB, /* it responded, and has no object of a printer */
	WHY_COUNT
};

/* Fields of the identity that may name a person or a place: a mask. */
enum reading_optional {
	OPTIONAL_NAME = 1,
	OPTIONAL_LOCATION = 2,
	OPTIONAL_CONTACT = 4,
	OPTIONAL_ASSET = 8
};

struct identity {
	bool is_printer;
	uint8_t why;        /* enum identity_why */
	uint8_t confidence; /* 0..100: confidence in vendor, model and serial (docs/json.md) */
	struct text vendor; /* "Xerox"; empty if unknown */
	struct text model;
	struct text serial; /* as returned, without outer blanks; empty if there is none */
	struct text sys_descr;
	struct text sys_object_id; /* dotted */
	struct text mac;           /* aa:bb:cc:dd:ee:ff */
	/* Read and sent by explicit opt-in only: enum reading_optional. */
	struct text name;      /* sysName */
	struct text location;  /* sysLocation */
	struct text contact;   /* sysContact */
	struct text asset;     /* the owner's asset number, from the vendor's object */
	struct text device_id; /* IEEE 1284 device id, e.g. "MFG:...;MDL:...;" */
	uint32_t uptime_cs;    /* sysUpTime in hundredths of a second, modulo 2^32 */
	struct firmware *firmware;
	uint16_t firmware_count;
};

/* The closed list of meters; METER_VENDOR has the printer's own label instead. */
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

/* Units of meters beyond those of PrtMarkerCounterUnitTC, whose numbers are small. */
enum { METER_UNIT_LABELS = 240, METER_UNIT_CENTIMETERS = 241, METER_UNIT_COUNT };

enum meter_quality { QUALITY_OK, QUALITY_SUSPECT, QUALITY_COUNT };

struct meter {
	struct meter *next;
	uint8_t name;    /* enum meter_name */
	uint8_t unit;    /* PrtMarkerCounterUnitTC: 7 impressions, 8 sheets, ...; METER_UNIT_LABELS
			    and further ones; 0 unknown */
	uint8_t quality; /* enum meter_quality */
	uint32_t device; /* hrDeviceIndex of its row; used while decoding, never sent */
	uint32_t index;  /* index of the row; used while decoding, never sent */
	uint8_t origin;  /* owner of the row, defined by proto/mib; used while decoding */
	uint64_t value;
	struct text label;     /* METER_VENDOR: the printer's label; else empty */
	struct oid_ber object; /* the object that was read */
	struct text
		source;    /* if there is no object: an OID in a record, or an attribute, as text */
	struct text parts; /* a sum has these objects instead: see reading_next_part */
};

/* PrtMarkerSuppliesClassTC; 0: absent. */
enum supply_class { CLASS_OTHER = 1, CLASS_CONSUMED = 3, CLASS_RECEPTACLE = 4 };

/* prtMarkerSuppliesLevel and MaxCapacity in one value (RFC 3805: -1 other/unlimited, -2 unknown, -3
 * some left). */
enum level_kind {
	LEVEL_UNKNOWN,   /* -2, or absent */
	LEVEL_PERCENT,   /* level and maximum known, and of a receptacle the direction */
	LEVEL_UNITS,     /* a level without a maximum */
	LEVEL_SOME,      /* -3 */
	LEVEL_UNLIMITED, /* -1 */
	LEVEL_EMPTY,     /* vendor states without a number, from here on */
	LEVEL_LOW,
	LEVEL_OK,
	/* Of receptacles: a number that counts up or down, which of them is unknown; or what an
	 * alert or a state says of it. */
	LEVEL_DIRECTION_UNKNOWN,
	LEVEL_ALMOST_FULL,
	LEVEL_FULL,
	LEVEL_KIND_COUNT
};

/* How to read the number of a receptacle (waste toner, waste ink ...). RFC 3805 says that it is the
 * space left; printers of many vendors count what is in it. So it is unknown unless the printer
 * says class receptacleThatIsFilled and the vendor's model file says the direction. */
enum supply_direction {
	DIRECTION_UNKNOWN,
	DIRECTION_SPACE_LEFT,
	DIRECTION_FILL_LEVEL, /* what is in it */
	DIRECTION_COUNT
};

struct supply {
	struct supply *next;
	uint32_t device;      /* hrDeviceIndex */
	uint32_t index;       /* prtMarkerSuppliesIndex */
	uint8_t type;         /* PrtMarkerSuppliesTypeTC, 0 absent */
	uint8_t supply_class; /* enum supply_class */
	uint8_t unit;         /* PrtMarkerSuppliesSupplyUnitTC, 0 absent */
	uint8_t level_kind;   /* enum level_kind */
	bool has_level;       /* prtMarkerSuppliesLevel was returned */
	bool has_max;
	int32_t level; /* as returned, negative codes included */
	int32_t max;
	uint32_t colorant_index; /* prtMarkerColorantIndex, 0 none */
	struct text colorant;    /* lower case: "black", "light_cyan" ... */
	struct text description;
	struct text part;      /* from the description, if it has one */
	struct text serial;    /* likewise */
	uint8_t source;        /* enum reading_source; 0: SNMP */
	struct oid_ber object; /* the vendor's, that the level was read from; empty: the standard's
				*/
	struct text level_source; /* the same as text, in a record */
	uint8_t direction;        /* enum supply_direction, of a receptacle */
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
	uint8_t service_mode;   /* 0 unknown, 1 no, 2 yes: being tested or repaired */
	bool has_errors;
	uint16_t errors; /* hrPrinterDetectedErrorState: bit 15 = lowPaper (bit 0 of the BITS) */
	uint32_t critical_events; /* prtAlertCriticalEvents, 0 absent */
	uint32_t all_events;
	struct text console; /* first lines of the panel's display; may be empty */
};

/* An installed option, or a configuration setting. */
enum option_kind {
	OPTION_INTERPRETER, /* prtInterpreterTable: a page description language */
	OPTION_CHANNEL,     /* prtChannelTable: a way to submit jobs */
	OPTION_MEMORY,      /* hrMemorySize, hrStorageRam */
	OPTION_STORAGE,     /* hrStorageTable: disks, flash */
	OPTION_FINISHER,    /* finDeviceTable (RFC 3806) */
	OPTION_MODULE,      /* the vendor's own inventory */
	OPTION_SETTING,     /* a configuration setting */
	OPTION_KIND_COUNT
};

struct option {
	struct option *next;
	uint8_t kind;      /* enum option_kind */
	uint32_t device;   /* hrDeviceIndex, 0 none */
	uint32_t index;    /* of the row */
	struct text name;  /* "PostScript", "Port 9100", "Stapler"; a setting's name */
	struct text value; /* version, size with unit, state; a setting's value. May be empty */
};

enum subunit_kind {
	SUBUNIT_TRAY, /* prtInputTable */
	SUBUNIT_BIN,  /* prtOutputTable */
	SUBUNIT_COVER,
	SUBUNIT_PATH, /* prtMediaPathTable */
	SUBUNIT_KIND_COUNT
};

/* A part of the paper path. Numbers as in RFC 3805: -1 other, -2 unknown, -3 some. */
struct subunit {
	struct subunit *next;
	uint8_t kind; /* enum subunit_kind */
	uint8_t type; /* PrtInputTypeTC, PrtOutputTypeTC, PrtMediaPathTypeTC; 0 absent */
	uint8_t unit; /* PrtCapacityUnitTC of level and max; a path: MaxSpeedPrintUnitTC */
	bool has_status;
	bool has_level;
	bool has_max;
	uint32_t device;
	uint32_t index;
	int32_t status; /* PrtSubUnitStatusTC; a cover: PrtCoverStatusTC */
	int32_t level;  /* a tray: sheets in it; a bin: free space (prtOutputRemainingCapacity) */
	int32_t max;    /* capacity; a path: rated speed in `unit` */
	struct text name;
	struct text description;
	struct text media; /* a tray: prtInputMediaName */
};

/* A part that wears out. life, used and left are in `unit`; unknown numbers are negative. */
struct maintenance {
	struct maintenance *next;
	uint32_t device;
	uint32_t index; /* of the supply that it is, or of the vendor's row */
	uint8_t type;   /* PrtMarkerSuppliesTypeTC; 0 absent */
	uint8_t unit;   /* PrtMarkerSuppliesSupplyUnitTC; 0 absent */
	int64_t life;   /* expected when new */
	int64_t used;
	int64_t left;
	int32_t percent_x100; /* left, in hundredths of a percent; negative: unknown */
	struct text name;
	struct text colorant;  /* lower case; empty: none */
	struct text installed; /* "2021-03-04"; empty if unknown */
	struct oid_ber object; /* that was read, for a part that is no supply */
	struct text source;
};

struct reading {
	struct arena arena;
	struct group_info group[GROUP_COUNT];
	struct identity identity;
	struct meter *meters;
	struct supply *supplies;
	struct alert *alerts;
	struct option *options; /* and settings: OPTION_SETTING */
	struct subunit *subunits;
	struct maintenance *maintenance;
	struct meter **meters_end; /* where to append the next one */
	struct supply **supplies_end;
	struct alert **alerts_end;
	struct option **options_end;
	struct subunit **subunits_end;
	struct maintenance **maintenance_end;
	uint16_t meter_count;
	uint16_t supply_count;
	uint16_t alert_count;
	uint16_t option_count;
	uint16_t subunit_count;
	uint16_t maintenance_count;
	uint16_t pages_per_minute;       /* rated; 0: unknown */
	uint16_t pages_per_minute_color; /* both belong to GROUP_MEDIA */
	struct printer_state state;
	uint8_t sources; /* mask of enum reading_source */
};

/* An empty reading; its arena takes blocks of `blocks` (LIMIT_ARENA_BLOCK bytes each). */
void reading_open(struct reading *r, struct slab *blocks);
void reading_close(struct reading *r);

/* Appends a zeroed row. NULL if the limit of the table or of the arena is reached. */
struct meter *reading_add_meter(struct reading *r) MUST_USE;
/* A meter at the head of a larger struct of the caller: `size` bytes, zeroed; inserted after the
 * meter `after`, or at the end if that is NULL. */
struct meter *reading_add_meter_of(struct reading *r, size_t size, struct meter *after) MUST_USE;
struct supply *reading_add_supply(struct reading *r) MUST_USE;
struct alert *reading_add_alert(struct reading *r) MUST_USE;
struct firmware *reading_add_firmware(struct reading *r) MUST_USE;
struct option *reading_add_option(struct reading *r) MUST_USE;
struct subunit *reading_add_subunit(struct reading *r) MUST_USE;
struct maintenance *reading_add_maintenance(struct reading *r) MUST_USE;

/* Copies scrubbed text into the arena, cut to `max` bytes. {NULL,0} if the arena is full. */
struct text reading_text(struct reading *r, const uint8_t *bytes, size_t len, size_t max);

/* The source of a meter or a part as text: `source`, or the dotted object, written to `dst`. */
enum { READING_SOURCE = LIMIT_OID_BER * 4 + 16 };
struct text reading_source(struct oid_ber object, struct text source, char dst[READING_SOURCE]);

/* The objects that a sum adds up, as one text: "1.3.6.1.4.1.1602.1.11.1.3.1.4.112 .113": a part
 * that begins with a dot has the last sub-identifiers, in place of as many of the part before.
 * Writes the next part, dotted, to `dst`, which holds the one before; *at begins at 0. False after
 * the last. */
bool reading_next_part(struct text parts, size_t *at, char dst[READING_SOURCE]);

/* The protocols of a group: a mask of enum reading_source, never 0; SNMP if neither the group nor
 * the reading has any. */
unsigned reading_group_sources(const struct reading *r, const struct group_info *info);

/* The percentage of a supply that is left, 0..100; negative if it has none. */
double supply_percent(const struct supply *s);

/* Sets level_kind from has_level, level, has_max, max, unit, and of a receptacle direction. */
void supply_set_level_kind(struct supply *s);

/* The colorant that a text names, "cyan", "light_magenta", "photo_black"; empty for none or
 * several. Constants. */
struct text reading_colorant_of(struct text description);

/* `colorant`, or the one in the description if there is none, or if that is a variant of it: "light
 * cyan" of cyan. */
struct text reading_finer_colorant(struct text colorant, struct text description);

/* Whether it is filled by use: by its class, its type or its description. */
bool supply_is_receptacle(const struct supply *s);

/* Whether a number without a maximum says how much is left: of toner, ink and the like it does; of
 * parts that wear, as drums, it may count up. */
bool supply_counts_down(const struct supply *s);

/* The words of receptacles. */
const char *supply_direction_name(enum supply_direction direction);

/* LEVEL_ALMOST_FULL, LEVEL_FULL, or LEVEL_UNKNOWN: what the alert says of this receptacle. */
enum level_kind alert_of_receptacle(const struct alert *a, const struct supply *s);

/* Sets level_kind of each receptacle without a percentage of which an alert says that it is full or
 * almost full. */
void reading_apply_alerts(struct reading *r);

/* Whether a colorant is given as sRGB: "#00FFFF", "#0FF", "0x00ffff", several of them. *ret is then
 * its name, static, "cyan", "light_magenta" ..., or empty if they are several. */
bool colorant_of_rgb(struct text t, struct text *ret);

/* Names for people and JSON: stable, snake_case, documented in docs/json.md. */
const char *group_name(enum reading_group g);
const char *group_status_name(enum group_status s);
const char *meter_name_text(enum meter_name name);
const char *meter_unit_name(unsigned unit);
const char *supply_type_name(unsigned type);
/* The PrtMarkerSuppliesTypeTC of that name, or -1. */
int supply_type_from(const char *name);
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
/* The names of enum identity_why, option_kind, subunit_kind. */
const char *identity_why_name(enum identity_why why);
const char *option_kind_name(enum option_kind kind);
const char *subunit_kind_name(enum subunit_kind kind);
const char *subunit_type_name(enum subunit_kind kind, unsigned type);
/* PrtSubUnitStatusTC is a sum (RFC 3805): its words in order, availability first. Returns how many.
 */
#define SUBUNIT_STATUS_WORDS 5
size_t subunit_status_words(int status, const char *words[SUBUNIT_STATUS_WORDS]);
const char *cover_status_name(int status);
/* Of capacities of trays and bins (PrtCapacityUnitTC), and of speeds. */
const char *capacity_unit_name(unsigned unit);
const char *speed_unit_name(unsigned unit);
/* An alert row is a fault (critical), a warning, or the state of the device: asleep, warming up,
 * idle or information that needs no action. A state is no event (proto/history). */
enum alert_kind { ALERT_FAULT, ALERT_WARNING, ALERT_STATE, ALERT_KIND_COUNT };
enum alert_kind alert_kind(const struct alert *a);
const char *alert_kind_name(const struct alert *a);
const char *printer_status_name(unsigned status);
const char *device_status_name(unsigned status);
/* The bits of hrPrinterDetectedErrorState in order, "low_paper" ...; NULL after the last. */
const char *error_bit_name(unsigned bit);

#endif
