/* SPDX-License-Identifier: Apache-2.0
 * The settings of a TLS client or server: TLS 1.2 or newer, AEAD with ECDHE, no renegotiation,
 * no early data. A client always verifies chain, name (also an IP address) and purpose, and has no
 * switch to turn that off; the one that cannot is made by another call, for printers, and has no
 * options. A struct tls is shared by all its conns, which must end before tls_close; only
 * tls_server_replace changes it. */
#ifndef PLATEN_LOOP_TLS_H
#define PLATEN_LOOP_TLS_H

#include "proto/base/err.h"

#include <stddef.h>

struct tls;

struct tls_client_options {
	const char *ca_file;  /* PEM; NULL: the system's store */
	const char *crl_file; /* PEM; NULL: no revocation list. If given, it must cover the leaf's
			       * issuer; CAs above are checked when it has their lists too. */
	size_t sessions_max;  /* sessions kept for resumption; 0: LIMIT_TLS_SESSIONS */
};

struct tls_server_options {
	const char *cert_file; /* PEM chain, leaf first */
	const char
		*key_file; /* PEM, not encrypted, readable by its owner only (but for what systemd
			    * or a container puts into $CREDENTIALS_DIRECTORY and /run/secrets) */
};

/* 0, or ERR_KEY / ERR_CRYPTO / -errno with a sentence in `why` that names the file. */
int tls_client_open(
	struct tls **ret, const struct tls_client_options *o, char *why, size_t why_cap) MUST_USE;
int tls_server_open(
	struct tls **ret, const struct tls_server_options *o, char *why, size_t why_cap) MUST_USE;

/* Whole days until the server's certificate expires; negative once it has. */
int tls_server_days_left(const struct tls *t, int *ret_days) MUST_USE;

/* New conns of `t` use what `next` was opened with; conns that are open keep what they have. Closes
 * `next`, which no conn may have used. */
void tls_server_replace(struct tls *t, struct tls *next);

/* For IPP to a printer only (docs/decisions/0007): encrypted, but no certificate is verified, as
 * printers sign for themselves. No credentials may ever be written to a conn of it, and nothing
 * that is read from one is trusted more than SNMPv2c is. Any cipher of TLS 1.2 will do, and short
 * keys. */
int tls_printer_open(struct tls **ret, char *why, size_t why_cap) MUST_USE;
void tls_close(struct tls *t);

#endif
