/* SPDX-License-Identifier: Apache-2.0
 * Shared by crypto_algorithms.c and crypto_key.c. */
#ifndef PLATEN_LOOP_CRYPTO_INTERNAL_H
#define PLATEN_LOOP_CRYPTO_INTERNAL_H

#include "engine/loop/crypto.h"

#include <openssl/evp.h>

struct crypto_key {
	EVP_PKEY *pkey;
	enum crypto_alg alg;
};

/* For OpenSSL's passphrase callbacks: always none, else OpenSSL would open the terminal. */
int crypto_no_passphrase(char *buf, int size, int is_writing, void *data);

bool crypto_is_alg(const EVP_PKEY *pkey, enum crypto_alg alg);

#endif
