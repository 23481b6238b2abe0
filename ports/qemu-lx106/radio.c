// SPDX-License-Identifier: MIT
// The networks that the emulated board's radio hears, and the module _radio, by which tests let
// them come and go.

#include <string.h>

#include "py/mperrno.h"
#include "py/runtime.h"

#include "network_wlan.h"
#include "radio.h"

radio_network_t radio_networks[RADIO_NETWORKS] = {
    { "guests", -80, WLAN_AUTH_OPEN, 11 },
    { "home", -48, WLAN_AUTH_WPA2_PSK, 1 },
    { "office", -67, WLAN_AUTH_WPA2_PSK, 6 },
};

static radio_network_t *find(const char *ssid) {
    for (size_t i = 0; i < RADIO_NETWORKS; ++i) {
        if (strcmp(radio_networks[i].ssid, ssid) == 0) {
            return &radio_networks[i];
        }
    }
    return NULL;
}

bool radio_reaches(const char *ssid) {
    const radio_network_t *network = find(ssid);
    return network == NULL || network->rssi != 0;
}

// _radio.hear(ssid, rssi, security=3): the network is heard with so many dBm from now on; with 0 it is
// out of reach. Raises OSError where no more networks fit.
static mp_obj_t radio_hear(size_t n_args, const mp_obj_t *args) {
    size_t length;
    const char *ssid = mp_obj_str_get_data(args[0], &length);
    mp_int_t rssi = mp_obj_get_int(args[1]);
    if (length == 0 || length > RADIO_SSID_MAX || rssi < INT8_MIN || rssi > 0) {
        mp_raise_ValueError(NULL);
    }
    radio_network_t *network = find(ssid);
    if (network == NULL) {
        network = find("");
    }
    if (network == NULL) {
        mp_raise_OSError(MP_ENOMEM);
    }
    memcpy(network->ssid, ssid, length + 1);
    network->rssi = (int8_t)rssi;
    network->security = n_args > 2 ? (uint8_t)mp_obj_get_int(args[2]) : WLAN_AUTH_WPA2_PSK;
    network->channel = 1;
    radio_changed(ssid, rssi != 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(radio_hear_obj, 2, 3, radio_hear);

static const mp_rom_map_elem_t radio_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__radio) },
    { MP_ROM_QSTR(MP_QSTR_hear), MP_ROM_PTR(&radio_hear_obj) },
};
static MP_DEFINE_CONST_DICT(radio_globals, radio_globals_table);

const mp_obj_module_t mp_module_radio = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&radio_globals,
};

MP_REGISTER_MODULE(MP_QSTR__radio, mp_module_radio);
