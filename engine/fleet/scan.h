/* SPDX-License-Identifier: Apache-2.0
 * Discovery: which addresses of some ranges are printers, and for each of them why, or why not.
 *
 * Stage 1 keeps one byte an address and nothing else: probes leave in permuted order at a set rate
 * (scan_order.h), each with a request-id that only we could have made for that address, so that an
 * response is accepted without a table of requests. First the SNMPv3 probe that needs no
 * credential, then, where it may be shown, one community after the other; SNMPv1 at last, where the
 * range allows it and nothing answered. No packet goes to an address that access rules leave out.
 *
 * Stage 2 asks only what answered: a few polls at once (poll.h, for the identity alone), with the
 * credential that it answered to or those that fit its subnet. A device that accepts none of the
 * credentials is classified by the vendor in its engineID and, where TCP is allowed, by IPP; so is,
 * at last, an address that did not respond to SNMP.
 *
 * scan_start: a negative return means that nothing comes of it; after 0, on_end comes exactly once,
 * never before scan_start has returned; then results can be read until scan_close. */
#ifndef PLATEN_FLEET_SCAN_H
#define PLATEN_FLEET_SCAN_H

#include "engine/conf/conf.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "engine/fleet/scan_order.h"
#include "engine/fleet/scan_table.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"
#include "engine/snmp/usm.h"
#include "proto/model/model.h"

#include <stddef.h>
#include <stdint.h>

struct scan;

/* In the order in which they are tried. Texts outlive the scan. */
struct scan_credential {
	const char *name; /* "" if it has none */
	uint8_t version; /* enum snmp_version; a v2c community is also shown by v1, where allowed */
	uint8_t community_len;
	const char *community;
	struct usm_user *user; /* SNMP_V3 */
	const char *context;   /* SNMP_V3: NULL is "" */
	size_t context_len;
	const struct conf_credential *bound; /* its subnets; NULL: everywhere */
};

/* That of snmp.credentials. `user` holds its keys; NULL: it is not of SNMPv3, or has none. */
struct scan_credential scan_credential_of(const struct conf_credential *c, struct usm_user *user);

struct scan_options {
	const struct scan_range *ranges;
	size_t range_count;
	const struct scan_credential *credentials;
	size_t credential_count;
	uint32_t per_s;     /* packets of stage 1 */
	unsigned tries;     /* credentials shown to one address, at most LIMIT_SCAN_TRIES */
	uint64_t wait_ms;   /* for answers to the last probes; half of it between two probes */
	unsigned rounds;    /* of the probes; 0: as many as are needed (scan_rounds_needed) */
	bool is_tcp;        /* scan_ports may be tried, and IPP; of silent addresses, that of IPP */
	bool keeps_doubles; /* test: what is one device under two addresses stays two */
	size_t found_max;   /* records; at most LIMIT_SCAN_FOUND */
	const struct models *models;
	const struct agent_conf *conf; /* access, include, exclude; NULL: none */
	/* Whether this address is polled already: then it is not probed. NULL: none is. */
	bool (*is_read)(void *owner, const struct sockaddr *sa);
	/* The index of the credential that this address took before; SCAN_NONE_KNOWN, or
	 * SCAN_NONE_WORKS: it is shown none. The same for the whole scan. NULL: none is known. */
	int (*stored_credential)(void *owner, const struct sockaddr *sa);
};

enum { SCAN_NONE_KNOWN = -1, SCAN_NONE_WORKS = -2 };

struct scan_events {
	/* An address is classified. */
	void (*on_result)(void *owner, const struct scan_found *found);
	void (*on_end)(void *owner);
};

/* The result of the scan for an address. */
enum scan_mark {
	SCAN_NOT_PROBED,
	SCAN_DENIED,   /* access.allow, access.deny */
	SCAN_READ,     /* is_read said so */
	SCAN_LEFT_OUT, /* discovery.include, discovery.exclude */
	SCAN_SILENT,
	SCAN_REFUSED, /* ICMP: port unreachable */
	SCAN_UNREACHABLE,
	SCAN_RESPONDED,
	SCAN_NO_RECORD, /* answered, but there was no room for a record */
	SCAN_MARKS
};

struct scan_counts {
	uint64_t addresses;
	uint64_t by_mark[SCAN_MARKS];
	uint64_t by_class[SCAN_CLASSES]; /* devices, not addresses */
	uint64_t doubles;                /* further addresses of a device */
	uint64_t sent;                   /* probes of stage 1 */
	uint64_t sending_ms;             /* how long that took, pauses for the gap left out */
	uint64_t polls;                  /* of stage 2 */
	uint64_t rounds;                 /* of the probes */
	uint64_t requests, lost;         /* to devices that were identified; without a response */
	uint64_t missed_thousandths;     /* of a device: likely lost in all rounds */
	uint64_t port_probes;            /* TCP connections tried */
	uint64_t not_port_probed;        /* silent addresses: too many to try TCP there */
	uint64_t strays;                 /* datagrams that answer nothing of ours */
	uint64_t took_ms;
	uint64_t state_bytes;  /* marks and records */
	unsigned pass, passes; /* where stage 1 is, for a line of progress */
	uint32_t at;           /* addresses of this pass that had their turn */
};

/* TCP ports of printing: LPR, raw, two of Zebra-like and Oki-like print servers, IPP, HTTP, HTTPS.
 */
enum { SCAN_PORTS = 7 };
extern const uint16_t scan_ports[SCAN_PORTS];

int scan_start(struct scan **ret, struct loop *l, struct snmp_client *client,
	const struct scan_options *o, const struct scan_events *events, void *owner) MUST_USE;

/* Ends early: on_end still comes. Stops whatever the client is asking: at the program's end. */
void scan_stop(struct scan *s);
bool scan_is_stopped(const struct scan *s);
/* The most bytes that one of so many addresses can make resident. */
size_t scan_memory_ceiling(size_t addresses);
/* After on_end; its socket closes on the loop's next turns. NULL is harmless. */
void scan_close(struct scan *s);

void scan_counts(const struct scan *s, struct scan_counts *ret);

/* How many devices all rounds have likely missed, in thousandths, if so many were found and of the
 * requests to them so many were lost: each had one chance a round at least. Pure. */
uint64_t scan_missed_thousandths(uint64_t found, uint64_t requests, uint64_t lost, unsigned rounds);

/* ---- results ---- */

size_t scan_found_count(const struct scan *s);
/* In the order in which they answered. */
const struct scan_found *scan_found_at(const struct scan *s, size_t i);

/* The mark of an address; *ret_found (may be NULL) its record, or NULL. SCAN_NOT_PROBED: not of the
 * ranges. */
enum scan_mark scan_mark_of(
	const struct scan *s, const struct sockaddr *sa, const struct scan_found **ret_found);

/* "10.1.4.22:161"; dst has room for LIMIT_ADDRESS. */
struct address_text scan_found_address(const struct scan *s, const struct scan_found *f);
void scan_found_sockaddr(const struct scan *s, const struct scan_found *f, void *dst);

/* The name of the credential that it takes, "" if none is known. */
const char *scan_found_credential(const struct scan *s, const struct scan_found *f);

/* One sentence: why it is classified so. */
int scan_explain(struct buf *dst, const struct scan *s, const struct scan_found *f) MUST_USE;
/* The same of an address that did not answer. */
const char *scan_mark_text(enum scan_mark mark);

/* "printer", "needs-credential", "not-a-printer", "unidentified", "excluded". */
const char *scan_class_name(enum scan_class v);
const char *scan_mark_name(enum scan_mark mark);

#endif
