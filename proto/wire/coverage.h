/* SPDX-License-Identifier: Apache-2.0
 * Coverage (proto/wire/SCHEMA.md): how each device that an agent polls was read last, so that the
 * hub tells "read, nothing has changed" from "silent since". The envelope is that of a batch; the
 * body is rows, one map after the other. */
#ifndef PLATEN_WIRE_COVERAGE_H
#define PLATEN_WIRE_COVERAGE_H

#include "proto/wire/envelope.h"

#define COVERAGE_MEDIA_TYPE "application/vnd.platen.coverage+msgpack"
#define COVERAGE_PATH "/v1/coverage"

/* A device is named by the first bytes of SHA-256 over its key: short, and known to the hub from
 * the device's records. */
#define COVERAGE_DEVICE_BYTES 5

/* How the last attempt ended. */
enum coverage_reason {
	COVERAGE_COMPLETE,
	COVERAGE_PARTIAL,        /* some groups had no response */
	COVERAGE_NOT_RESPONDING, /* no response at all */
	COVERAGE_REFUSED,        /* the credential was refused */
	COVERAGE_NOT_PRINTER,
	COVERAGE_DENIED, /* access.allow, access.deny */
	COVERAGE_FAILED, /* another error */
	COVERAGE_NOT_TRIED,
	COVERAGE_REASONS
};

struct coverage_head {
	uint8_t agent_id[AGENT_ID_BYTES];
	uint64_t epoch;
	uint64_t sent_at_ms;
	uint8_t body_encoding;
	uint32_t body_raw_len;
	const uint8_t *public_key;
	size_t public_key_len;
	uint32_t known;  /* devices that the agent polls */
	uint32_t unread; /* of these, never read: each has a row with its address, if that may leave
			  */
	uint32_t minor;
};

/* Times are seconds before sent_at; 0: not since the agent's start. */
struct coverage_row {
	const uint8_t *device; /* COVERAGE_DEVICE_BYTES; device_len 0: never read */
	size_t device_len;
	uint32_t complete_s; /* since the last complete read, at least 1 */
	uint32_t attempt_s;  /* since the last attempt, unless that was the complete read */
	uint8_t reason;      /* enum coverage_reason */
	struct text address; /* of a device that was never read */
};

const char *coverage_reason_name(unsigned reason);

int coverage_head_pack(struct buf *dst, const struct coverage_head *head) MUST_USE;
int coverage_head_unpack(struct coverage_head *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* Appends; ERR_FULL: dst as before. */
int coverage_row_pack(struct buf *dst, const struct coverage_row *row) MUST_USE;
/* The length of the first row, or an error. A reason that is not known is COVERAGE_FAILED. */
int coverage_row_unpack(struct coverage_row *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* "platen-coverage-1\0" | SHA-256(head) | SHA-256(uncompressed body) */
#define COVERAGE_SIGNED_BYTES (18 + 2 * DIGEST_BYTES)
void coverage_signed(uint8_t dst[COVERAGE_SIGNED_BYTES], const uint8_t head_digest[DIGEST_BYTES],
	const uint8_t body_digest[DIGEST_BYTES]);

#endif
