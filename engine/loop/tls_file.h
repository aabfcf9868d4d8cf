/* SPDX-License-Identifier: Apache-2.0
 * Certificates, revocation lists and keys of a TLS context, from PEM files. Private to tls.c. */
#ifndef PLATEN_LOOP_TLS_FILE_H
#define PLATEN_LOOP_TLS_FILE_H

#include "proto/base/err.h"

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stddef.h>

/* Adds what the file holds to the context's store: at least one certificate, or with is_crl one
 * list, which is then required. 0, or an error with a sentence that names the file. */
int tls_file_trust(SSL_CTX *ctx, const char *file, bool is_crl, char *why, size_t why_cap) MUST_USE;

/* The context's own chain and its key, a private file. Likewise. */
int tls_file_identity(SSL_CTX *ctx, const char *cert_file, const char *key_file, char *why,
	size_t why_cap) MUST_USE;

#endif
