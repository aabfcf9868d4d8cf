/* SPDX-License-Identifier: Apache-2.0
 * The settings of a TLS client or server: TLS 1.2 or newer, AEAD with ECDHE, no renegotiation,
 * no early data. A client always verifies chain, name (also an IP address) and purpose, and has no
 * switch to turn that off; the one that cannot is made by another call, for printers, and has no
 * options. A struct tls is shared by all its conns, which must end before tls_close; only
 * tls_server_replace and tls_client_replace change it. */
#ifndef PLATEN_LOOP_TLS_H
#define PLATEN_LOOP_TLS_H

#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls;

#define TLS_PIN_BYTES 32 /* SHA-256 of a DER SubjectPublicKeyInfo (RFC 7469 section 2.4) */

struct tls_client_options {
	const char *ca_file;  /* PEM; NULL: the system's store */
	const char *crl_file; /* PEM; NULL: no revocation list. If given, it must cover the leaf's
			       * issuer; CAs above are checked when it has their lists too. */
	/* Of the verified chain one key at least must be one of these; in addition to all other
	 * checks. NULL: any key. */
	const uint8_t (*pins)[TLS_PIN_BYTES];
	size_t pin_count;
	const char *cert_file; /* as of a server; NULL: no client certificate */
	const char *key_file;
	size_t sessions_max; /* sessions kept for resumption; 0: LIMIT_TLS_SESSIONS */
};

struct tls_server_options {
	const char *cert_file; /* PEM chain, leaf first */
	const char
		*key_file; /* PEM, not encrypted, readable by its owner only (but for what systemd
			    * or a container puts into $CREDENTIALS_DIRECTORY and /run/secrets) */
	/* PEM: clients must have a certificate of one of these authorities; with
	 * is_client_optional they may have none, but no other one. NULL: none is asked for. */
	const char *client_ca_file;
	bool is_client_optional;
};

/* 0, or ERR_KEY / ERR_CRYPTO / -errno with a sentence in `why` that names the file. */
int tls_client_open(
	struct tls **ret, const struct tls_client_options *o, char *why, size_t why_cap) MUST_USE;
int tls_server_open(
	struct tls **ret, const struct tls_server_options *o, char *why, size_t why_cap) MUST_USE;

/* When the own certificate of a client or server expires, Unix milliseconds; 0: it has none. */
uint64_t tls_own_expires_ms(const struct tls *t);

/* New conns of `t` use what `next` was opened with; conns that are open keep what they have. Closes
 * `next`, which no conn may have used. */
void tls_server_replace(struct tls *t, struct tls *next);
/* The same for clients. Sessions of before are not resumed: other authorities and pins were
 * checked.
 */
void tls_client_replace(struct tls *t, struct tls *next);

/* For IPP to a printer only (docs/decisions/0007): encrypted, but no certificate is verified, as
 * printers sign for themselves. No credentials may ever be written to a conn of it, and nothing
 * that is read from one is trusted more than SNMPv2c is. Any cipher of TLS 1.2 will do, and short
 * keys. */
int tls_printer_open(struct tls **ret, char *why, size_t why_cap) MUST_USE;
void tls_close(struct tls *t);

#endif
