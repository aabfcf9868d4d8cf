/* SPDX-License-Identifier: Apache-2.0
 * The results of a scan: a record for each address that responded, found by the address's number,
 * and which records are the same device. A device is known by its serial number, its hardware
 * address and its engineID, never by its IP address. Pure.
 *
 * Records lie in a slab and never move; the index over them grows with them, so that memory follows
 * what answered, not what was asked. */
#ifndef PLATEN_FLEET_SCAN_TABLE_H
#define PLATEN_FLEET_SCAN_TABLE_H

#include "proto/base/err.h"
#include "proto/base/sip.h"
#include "proto/base/slab.h"
#include "proto/smi/security.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_class {
	SCAN_OPEN,         /* it answered; what it is, is not known yet */
	SCAN_PRINTER,      /* it says so itself */
	SCAN_LOCKED,       /* a printer by the vendor in its engineID; it needs a credential */
	SCAN_NOT_PRINTER,  /* it was asked, and holds nothing of a printer */
	SCAN_UNIDENTIFIED, /* it answers, but not what it is */
	SCAN_EXCLUDED,     /* a printer that the rules leave out */
	SCAN_CLASSES
};

/* By what it answered: a mask. */
enum scan_way { SCAN_BY_V1 = 1u << 0, SCAN_BY_V2C = 1u << 1, SCAN_BY_V3 = 1u << 2 };

struct scan_found {
	uint32_t number;     /* of its address */
	uint32_t queued;     /* scan: 1 + index of the next record of its queue */
	uint32_t same_as;    /* 1 + index of the first record of the same device; 0: this one */
	uint8_t class;       /* enum scan_class */
	uint8_t ways;        /* enum scan_way, by which it answered a probe */
	uint8_t stage;       /* scan: enum scan_stage */
	uint8_t why;         /* enum identity_why, of the reading */
	uint8_t tries;       /* scan: credentials shown to it one by one */
	uint8_t version;     /* enum snmp_version that it was identified by */
	uint8_t credential;  /* 1 + index of the one that it takes; 0: none known */
	uint8_t next;        /* scan: the next credential to show */
	uint8_t open_ports;  /* bit i: scan_ports[i] took a connection */
	uint8_t port;        /* scan: the next port to try */
	uint8_t trouble;     /* enum usm_trouble of the last attempt */
	bool is_passed_over; /* scan: probes left it out while it was being asked */
	bool is_shown;       /* scan: it was asked with the community that it answered to */
	bool is_rested;      /* scan: nothing more is to come by probes */
	bool is_ipp_asked;   /* scan */
	bool has_mac;
	uint8_t engine_len; /* 0: no SNMPv3 answer */
	uint8_t mac[6];
	uint8_t engine[SNMP3_ENGINE_ID];
	uint32_t engine_boots;
	uint64_t engine_began_ms; /* monotonic: when its snmpEngineTime was 0 */
	int err;                  /* why the last attempt to identify it ended */
	char vendor[32];
	char model[64];
	char serial[48];
	char said[80]; /* the beginning of its sysDescr */
};

struct scan_table {
	struct slab records; /* of struct scan_found */
	struct sip_key key;
	uint32_t *index; /* open addressing: 1 + (record << 2 | kind of key) */
	size_t index_mask;
	size_t index_used;
};

int scan_table_open(struct scan_table *t, size_t max, struct sip_key key) MUST_USE;
void scan_table_close(struct scan_table *t);

static inline size_t scan_table_count(const struct scan_table *t)
{
	return t->records.used;
}

static inline struct scan_found *scan_table_at(const struct scan_table *t, size_t i)
{
	return (struct scan_found *)(void *)(t->records.base + t->records.size * i);
}

static inline size_t scan_table_number_of(const struct scan_table *t, const struct scan_found *f)
{
	return (size_t)((const uint8_t *)f - t->records.base) / t->records.size;
}

/* NULL: it did not answer. */
struct scan_found *scan_table_find(const struct scan_table *t, uint32_t number);

/* The record of this address, new and empty if there was none; NULL: no room or memory. */
struct scan_found *scan_table_add(struct scan_table *t, uint32_t number);

/* After its texts are filled in: whether it is a device that has a record already (then same_as is
 * set and true returned). Once for each record. */
bool scan_table_join(struct scan_table *t, struct scan_found *f);

/* At the end of a scan: of the records of one device the best one stands for it, in whatever order
 * they came. Uses ->queued. */
void scan_table_choose(struct scan_table *t);

/* Bytes that are in use. */
size_t scan_table_memory(const struct scan_table *t);

#endif
