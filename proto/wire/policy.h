/* SPDX-License-Identifier: Apache-2.0
 * Which fields leave: the closed list of them (row_types.c), the policy that narrows it, and the
 * gate that every reading passes before it is packed. The gate changes the reading itself, so
 * digests, records and everything behind see only what may leave. */
#ifndef PLATEN_WIRE_POLICY_H
#define PLATEN_WIRE_POLICY_H

#include "proto/base/buf.h"
#include "proto/base/slab.h"
#include "proto/base/writer.h"

struct reading;

/* The service that a field belongs to. */
enum data_class {
	DATA_IDENTITY,
	DATA_METERS,
	DATA_SUPPLIES,
	DATA_DIAGNOSTICS,
	DATA_SITE, /* of the agent's site, without its host */
	DATA_HOST, /* of the host that the agent runs on */
	DATA_CLASS_COUNT
};

enum leaves {
	LEAVES_BY_DEFAULT,
	LEAVES_ALWAYS,       /* the protocol needs it: no policy leaves it out */
	LEAVES_BY_OPT_IN,    /* only if a key of the configuration says so, and not corporate */
	LEAVES_NOT_CORPORATE /* by default, never with privacy.corporate: on */
};

/* Which program sends it. */
enum { METHOD_AGENT = 1, METHOD_DIRECT = 2 };

/* One field of the list. */
struct policy_field {
	const char *part; /* "meters" */
	const char *name; /* "value" */
	unsigned number;  /* in its map */
	uint8_t data_class;
	uint8_t leaves;
	uint8_t methods;
	bool is_vendor;     /* confidential technical data of the vendor */
	unsigned mask, bit; /* in policy.left_out */
};

/* Field `i` of the list, from 0; false behind the last. */
bool policy_field_at(unsigned i, struct policy_field *ret);

const char *data_class_name(enum data_class c);

/* Identifiers of the agent's host that are cut out of printers' texts in corporate mode. */
enum { POLICY_PARTS = 16, POLICY_HOST_NAMES = 128, POLICY_HOST_NAME = 64 };

struct policy {
	uint32_t left_out[POLICY_PARTS]; /* bit i: field i of the part */
	uint32_t id;                     /* the same for equal policies; never 0 or 1 */
	bool is_corporate;
	uint8_t host_names; /* host_name[]: lower case */
	char host_name[POLICY_HOST_NAMES][POLICY_HOST_NAME];
};

/* Nothing is left out but what needs an opt-in. */
void policy_open(struct policy *p);
/* Fields that are sent although they need an opt-in: a mask of enum reading_optional. Before the
 * functions below, which can leave them out again. */
void policy_opt_in(struct policy *p, unsigned optional);
/* A class of services that is switched off: DATA_METERS, DATA_SUPPLIES, DATA_DIAGNOSTICS. */
void policy_leave_out_class(struct policy *p, enum data_class c);
/* By name: "alerts.description", or a whole part, "alerts". ERR_NAME: there is none; ERR_FORBIDDEN:
 * the protocol needs it. */
int policy_leave_out(struct policy *p, struct text name) MUST_USE;
/* For reports to third parties: without the vendor-confidential fields. */
void policy_open_third_party(struct policy *p);
/* Host fields are left out, fields that need an opt-in, and the identifiers that policy_add_host
 * names. */
void policy_set_corporate(struct policy *p);
/* An address, hardware address or name of the host. Texts that would hit ordinary words (shorter
 * than 4 bytes, "localhost", loopback addresses) are passed over, and those beyond
 * POLICY_HOST_NAMES. */
void policy_add_host(struct policy *p, struct text name);
/* After the last of these: sets the id. */
void policy_close(struct policy *p);

/* Whether a field of the list leaves. */
bool policy_admits(const struct policy *p, const char *part, const char *name);
/* Of the fields that need an opt-in, those that leave: only these are read. A mask of enum
 * reading_optional. */
unsigned policy_optional(const struct policy *p);
/* The name nearest to an unknown one, or NULL; static or in dst. */
const char *policy_nearest(struct text name, char dst[64]);

/* The gate. Groups that do not leave become GROUP_NOT_REQUESTED, fields that do not become absent,
 * and personal data in texts are replaced (proto/text/personal.h). A text that does not fit the
 * reading's arena any more becomes absent. */
void policy_apply(const struct policy *p, struct reading *r);

/* Whether an address is one of the host's, in corporate mode. */
bool policy_is_host(const struct policy *p, struct text address);

/* The address and the device key of a record: absent if it may not leave, and a digest in place of
 * a key that is made of what may not leave. A digest conceals the value only from a receiver that
 * cannot guess it. */
enum { POLICY_KEY = 24 };
struct text policy_address(const struct policy *p, struct text address);
/* The address of a device that was never read, in coverage. */
struct text policy_unread_address(const struct policy *p, struct text address);
struct text policy_device_key(const struct policy *p, struct text key, char dst[POLICY_KEY]);

/* One record that was packed under another policy, once more through the gate, behind dst. `blocks`
 * holds one reading. Its number, times and key stay; a key that names what may not leave becomes a
 * digest. Returns the length of the record that was read, or an error (nothing was written). */
int policy_repack(const struct policy *p, struct buf *dst, const uint8_t *bytes, size_t len,
	struct slab *blocks) MUST_USE;

/* docs/what-leaves.md. */
void policy_write_manual(struct writer *w);

#endif
