/* SPDX-License-Identifier: Apache-2.0
 * The table of configuration keys of each program. The parser, check-config, the sample file and
 * the reference (docs/configuration.md, platen.yaml(5)) are made from it. A key's path is "name" or
 * "section.name", never deeper. Defaults are texts, as a user would write them, and pass the same
 * converter. */
#ifndef PLATEN_CONF_TABLE_H
#define PLATEN_CONF_TABLE_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "proto/base/writer.h"

#include <stddef.h>
#include <stdint.h>

enum conf_type {
	CONF_TEXT,     /* const char *; min..max bytes */
	CONF_WORD,     /* an integer; one of `words` */
	CONF_COUNT,    /* an integer; min..max */
	CONF_DURATION, /* an integer of milliseconds; min..max */
	CONF_SIZE,     /* an integer of bytes; min..max */
	CONF_PATH,     /* const char *, absolute; need not exist */
	CONF_FILE,     /* the same; must be readable now */
	CONF_SECRET,   /* the same; must also be kept from others (secret.h) */
	CONF_ENV,      /* the name of an environment variable, in the place of a CONF_SECRET, as
			  "env:NAME" */
	CONF_URL,      /* const char *; https://host[:port]/[path/] */
	CONF_PROXY,    /* const char *; http://host:port */
	CONF_PINS,     /* struct conf_pins; each sha256/BASE64 */
	CONF_ADDRESS,  /* const char *; a numeric address */
	CONF_RANGE,    /* const char *; see range.h */
	CONF_NETS,     /* const struct conf_nets *; see nets.h */
	CONF_ACCEPT,   /* struct conf_accept: words and networks */
	CONF_TIMES,    /* struct calendar; its times */
	CONF_WEEKDAYS, /* the same; its weekdays */
	CONF_FIELDS,   /* struct policy: names of fields that are left out */
	CONF_LIST      /* struct conf_item *; maps of `items` */
};

struct conf_word {
	const char *word;
	unsigned value;
};

struct conf_table;

struct conf_key {
	const char *path;
	enum conf_type type;
	uint16_t offset; /* in the program's struct, or in the item's */
	uint16_t size;   /* of the member there */
	bool is_needed;
	bool takes_names; /* CONF_RANGE: a DNS name too */
	bool is_private;  /* its value is never repeated in a message */
	uint64_t min;
	uint64_t max;
	const char *preset; /* NULL: none */
	const char *sample; /* shown in the sample file when there is no preset */
	/* Ends with {NULL, 0}; of a CONF_DURATION: words beside the durations. */
	const struct conf_word *words;
	const struct conf_table *items;
	const char *help; /* sentences, in the reference and the sample file */
};

struct conf_table {
	const char *title;  /* "platen", or "devices.targets" of an item table */
	const char *file;   /* where the file usually is */
	const char *folder; /* of its drop-ins, beside it */
	size_t item_bytes;  /* of an item table */
	size_t count;
	const struct conf_key *keys;
};

struct conf_target {
	struct conf_item item;
	const char *range; /* one of these two */
	const char *csv;
	uint16_t port;
	uint8_t version;
	uint8_t community_len;
	const char *community;
	const char *community_file;
	const char *credential_name; /* NULL: none */
	const struct conf_credential *credential;
	uint8_t ipp_mode;  /* enum ipp_mode */
	uint16_t ipp_port; /* 0: as devices.ipp_port says */
	const struct conf_nets *answers_from;
	bool has_short_ids;
};

/* Why fips: on refuses the target, or row (its credential, or its own version), or NULL. */
const char *conf_fips_refuses(const struct conf_target *t);

/* The tables of the lists' entries (table_items.c). */
extern const struct conf_table conf_target_table;
extern const struct conf_table conf_credential_table;
extern const struct conf_table conf_discovery_table;
extern const struct conf_table conf_include_table;
extern const struct conf_table conf_exclude_table;
extern const struct conf_table conf_threshold_table; /* of the hub: table_hub.c */

extern const struct conf_table conf_policy_table; /* of privacy.policy_file: privacy.c */

extern const struct conf_table conf_agent_table;
extern const struct conf_table conf_hub_table;

/* The place of a path in the table, or -1. */
int conf_table_find(const struct conf_table *t, const char *path);

/* A YAML file in which every key is shown with its default and help, commented out. */
void conf_write_sample(struct writer *w, const struct conf_table *t);

/* The whole of docs/configuration.md: both programs. */
void conf_write_manual(struct writer *w);

#endif
