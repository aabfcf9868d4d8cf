/* SPDX-License-Identifier: Apache-2.0
 * Envelopes: the batch that carries records over HTTPS, and its receipt (proto/wire/SCHEMA.md):
 *   batch    [1, alg, key_id, head, body, signature]
 *   receipt  [1, alg, key_id, receipt, signature]
 * A signature is over a short domain-separated string of digests. There is no cryptography on
 * this floor: the caller brings SHA-256 digests and signs or verifies the string
 * (engine/loop/crypto). The order at the receiver: envelope_unpack, envelope_head_unpack, look at
 * who it is, decompress the body to exactly body_raw_len, digest, envelope_signed, verify, and only
 * then read records. */
#ifndef PLATEN_WIRE_ENVELOPE_H
#define PLATEN_WIRE_ENVELOPE_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/wire/policy.h"

#include <stddef.h>
#include <stdint.h>

#define ENVELOPE_VERSION 1 /* of batch and receipt: another one is refused */
#define ENVELOPE_MINOR 3   /* fields were added, none changed its meaning */

/* In the body of a hub's 415: the words that tell it from another media type, and its versions. */
#define ENVELOPE_UNSUPPORTED "unsupported-version"
#define ENVELOPE_TEXT_(x) #x
#define ENVELOPE_TEXT(x) ENVELOPE_TEXT_(x)
#define ENVELOPE_SPOKEN ENVELOPE_TEXT(ENVELOPE_VERSION) "." ENVELOPE_TEXT(ENVELOPE_MINOR)
#define ENVELOPE_ACCEPTS ENVELOPE_TEXT(ENVELOPE_VERSION) ".0 to " ENVELOPE_SPOKEN

#define BATCH_MEDIA_TYPE "application/vnd.platen.batch+msgpack"
#define RECEIPT_MEDIA_TYPE "application/vnd.platen.receipt+msgpack"
#define BATCH_PATH "/v1/batches"

#define AGENT_ID_BYTES 16
#define KEY_ID_BYTES 8
#define DIGEST_BYTES 32 /* SHA-256 */

/* BODY_COLUMNS only to a hub whose receipts say that it reads it (proto/wire/columns.h). */
enum body_encoding { BODY_RAW = 0, BODY_ZSTD = 1, BODY_COLUMNS = 2, BODY_ENCODING_COUNT };

/* Of the agent's site and host: with the first batch of a sync, if it has changed or is a day old.
 * Zero and empty: absent. */
struct site_information {
	struct text dns_name;
	uint32_t store_kib;
	struct text address; /* the source address towards the hub */
	struct text os;
	struct text cpu;
	uint32_t discovery_kib;
	uint32_t disk_mib; /* of the file system of the state directory */
	uint32_t disk_free_mib;
	uint32_t os_bits; /* 32 or 64 */
	struct text time_zone;
	struct text utc_offset; /* "+01:00" */
	uint32_t discovered;    /* devices: printers included and left out */
	uint32_t memory_mib;    /* the limit of the control group if that is less */
	uint32_t memory_free_mib;
	struct text name;
	uint32_t included;
	uint32_t excluded;
	struct text rules; /* version of the rules by which devices are recognised */
	uint8_t host_id[AGENT_ID_BYTES];
};

struct batch_head {
	uint8_t agent_id[AGENT_ID_BYTES];
	uint64_t epoch;
	uint64_t first; /* sequence numbers of the first and last record in the body */
	uint64_t last;
	uint32_t count;
	uint64_t sent_at_ms;
	uint8_t body_encoding; /* enum body_encoding */
	uint32_t body_raw_len; /* of the body when decompressed; at most LIMIT_BATCH_RAW */
	struct text software;  /* "platen/0.1.0" */
	uint64_t polls_made;   /* since the last receipted batch */
	uint64_t polls_unchanged;
	uint64_t polls_failed;
	const uint8_t *public_key; /* DER SubjectPublicKeyInfo of the signer */
	size_t public_key_len;
	struct text site;
	uint32_t devices; /* in the agent's roster */
	uint32_t minor;   /* ENVELOPE_MINOR of the sender */
	/* Records that the sender's quota has cost, since the last receipted batch: those with
	 * neither meters nor supplies, those without meters, and those with meters. */
	uint64_t dropped[3];
	uint64_t receipted; /* the highest number that a receipt has named; 0: none */
	const uint8_t
		*ledger;      /* DIGEST_BYTES: the newest digest of the sender's audit ledger; or */
	size_t ledger_len;    /* 0 */
	uint8_t is_corporate; /* 1: nothing that identifies the host is sent */
	struct site_information info;
};

/* Views into the bytes it was read from, or of what shall be packed. */
struct envelope {
	uint8_t alg; /* 1 Ed25519, 2 ECDSA P-256 with SHA-256 */
	uint8_t key_id[KEY_ID_BYTES];
	const uint8_t *head;
	size_t head_len;
	const uint8_t *body; /* batch only; as sent, perhaps compressed */
	size_t body_len;
	const uint8_t *signature;
	size_t signature_len;
};

/* The gate for heads: clears what the policy leaves out, and says whether the mode is on. */
void policy_apply_head(const struct policy *p, struct batch_head *head);

/* Appends; 0 or ERR_FULL (dst as before). Texts and keys over their limits: ERR_LIMIT. */
int batch_head_pack(struct buf *dst, const struct batch_head *head) MUST_USE;
/* Views point into bytes. The numbers are checked against one another: first <= last,
 * count <= last - first + 1, count <= LIMIT_BATCH_RECORDS, ERR_FORMAT / ERR_LIMIT. */
int batch_head_unpack(struct batch_head *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* The map of the site information, as it is in a head: what the hub keeps. */
int site_information_pack(struct buf *dst, const struct site_information *info) MUST_USE;
int site_information_unpack(
	struct site_information *ret, const uint8_t *bytes, size_t len) MUST_USE;

int batch_pack(struct buf *dst, const struct envelope *e) MUST_USE;
/* Bytes behind the envelope are ERR_FORMAT. ERR_VERSION for another version than ours. */
int batch_unpack(struct envelope *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* "platen-batch-1\0" | SHA-256(head) | SHA-256(uncompressed body) */
#define BATCH_SIGNED_BYTES (15 + 2 * DIGEST_BYTES)
void batch_signed(uint8_t dst[BATCH_SIGNED_BYTES], const uint8_t head_digest[DIGEST_BYTES],
	const uint8_t body_digest[DIGEST_BYTES]);

/* A record that the hub will never take: the agent moves it aside and goes on. */
struct receipt_rejected {
	uint64_t seq;
	struct text reason; /* as err_text: "format", "conflict" ... */
};

struct receipt {
	uint8_t agent_id[AGENT_ID_BYTES];
	uint64_t epoch;
	uint64_t last; /* everything up to and including this number is safe at the hub */
	uint32_t stored;
	uint32_t duplicates;
	uint64_t received_at_ms;
	uint8_t batch_digest[DIGEST_BYTES]; /* SHA-256 of the batch's signed bytes */
	struct text software;
	const uint8_t *public_key;
	size_t public_key_len;
	const uint8_t *ledger; /* as in the head: of the hub's ledger */
	size_t ledger_len;
	uint32_t encodings; /* the highest enum body_encoding that the hub reads; 0: BODY_ZSTD */
	/* After a rotation: the key before, and its signature over this one (hub_key_signed). */
	const uint8_t *old_key;
	size_t old_key_len; /* 0: none */
	const uint8_t *old_signature;
	size_t old_signature_len;
	uint8_t old_alg;
	size_t rejected_count;
	size_t want_full_count;
	/* receipt_pack reads these two arrays; receipt_unpack leaves them NULL: walk the views
	 * below with receipt_next_*. */
	const struct receipt_rejected *rejected;
	const struct text *want_full; /* device keys */
	struct receipt_list {
		const uint8_t *p;
		const uint8_t *end;
		uint32_t left;
	} rejected_list, want_full_list;
};

/* Appends the inner receipt; ERR_FULL beyond LIMIT_RECEIPT: send fewer want_full. */
int receipt_pack(struct buf *dst, const struct receipt *r) MUST_USE;
int receipt_unpack(struct receipt *ret, const uint8_t *bytes, size_t len) MUST_USE;
/* 1 and the next item, 0 at the end, or an error (cannot happen after receipt_unpack). */
int receipt_next_rejected(struct receipt_list *at, struct receipt_rejected *ret) MUST_USE;
int receipt_next_want_full(struct receipt_list *at, struct text *ret) MUST_USE;

/* The outer array. `head` of struct envelope is the packed receipt; body is not used. */
int receipt_envelope_pack(struct buf *dst, const struct envelope *e) MUST_USE;
int receipt_envelope_unpack(struct envelope *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* "platen-receipt-1\0" | SHA-256(receipt) */
#define RECEIPT_SIGNED_BYTES (17 + DIGEST_BYTES)
void receipt_signed(uint8_t dst[RECEIPT_SIGNED_BYTES], const uint8_t digest[DIGEST_BYTES]);

/* "platen-hub-key-1\0" | SHA-256(the new key's DER SubjectPublicKeyInfo) */
#define HUB_KEY_SIGNED_BYTES (17 + DIGEST_BYTES)
void hub_key_signed(uint8_t dst[HUB_KEY_SIGNED_BYTES], const uint8_t digest[DIGEST_BYTES]);

#endif
