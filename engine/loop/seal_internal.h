/* SPDX-License-Identifier: Apache-2.0
 * What seal.c and seal_key.c share. */
#ifndef PLATEN_LOOP_SEAL_INTERNAL_H
#define PLATEN_LOOP_SEAL_INTERNAL_H

#include "engine/loop/seal.h"

#include <openssl/evp.h>

struct seal_key {
	EVP_PKEY *pkey;
	enum seal_alg alg;
};

/* For OpenSSL's passphrase callbacks: nobody is asked, else it would open the terminal. */
int seal_no_passphrase(char *buf, int size, int is_writing, void *data);

bool seal_is_alg(const EVP_PKEY *pkey, enum seal_alg alg);

#endif
