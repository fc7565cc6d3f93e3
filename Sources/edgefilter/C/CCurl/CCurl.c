// SPDX-License-Identifier: MIT
#include "CCurl.h"

#include <malloc.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdint.h>

// Made once before any fork, read-only afterwards.
static X509_STORE *authorities;

int ccurl_load_authorities(const char *bundle) {
    X509_STORE *store = X509_STORE_new();
    if (store && X509_STORE_load_file(store, bundle) == 1) {
        authorities = store;
        return 1;
    }
    X509_STORE_free(store);
    return 0;
}

static CURLcode attach(CURL *h, void *context, void *unused) {
    (void)h;
    (void)unused;
    SSL_CTX_set1_cert_store((SSL_CTX *)context, authorities);
    return CURLE_OK;
}

int ccurl_share_authorities(CURL *h, const char *directory) {
    return authorities && curl_easy_setopt(h, CURLOPT_CAINFO, NULL) == CURLE_OK
        && curl_easy_setopt(h, CURLOPT_CAPATH, directory) == CURLE_OK
        && curl_easy_setopt(h, CURLOPT_SSL_CTX_FUNCTION, attach) == CURLE_OK;
}

void ccurl_warm_tls(void) {
    SSL_CTX_free(SSL_CTX_new(TLS_client_method()));
    const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++)
        EVP_MD_free(EVP_MD_fetch(NULL, digests[i], NULL));
    malloc_trim(0);
}

int ccurl_multi_sockets(CURLM *m, struct pollfd *sockets, int room) {
    fd_set in, out, urgent;
    int last = -1, count = 0;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&urgent);
    curl_multi_fdset(m, &in, &out, &urgent, &last);
    for (int number = 0; number <= last && count < room; number++) {
        short events = (short)((FD_ISSET(number, &in) ? POLLIN : 0) | (FD_ISSET(number, &out) ? POLLOUT : 0));
        if (events)
            sockets[count++] = (struct pollfd){.fd = number, .events = events};
    }
    return count;
}

static curl_socket_t hand_out(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)purpose;
    (void)address;
    return (curl_socket_t)(intptr_t)context;
}

void ccurl_lead_to(CURL *h, int socket) {
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, (void *)(intptr_t)socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, hand_out);
}
