// SPDX-License-Identifier: MIT
// network.WLAN: the station interface is the Ethernet card. It takes the calls
// that a program for the chip makes; there is no radio, so any name is that of a
// network and any key is right, but for those of `fate_of`. The access point
// interface exists and cannot be switched on.

#include <string.h>

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "extmod/modnetwork.h"

#include "lwip/netif.h"

#include "netif.h"
#include "network_wlan.h"

#define SSID_MAX (32)

typedef struct _wlan_obj_t {
    mp_obj_base_t base;
    uint8_t interface;
} wlan_obj_t;

static const wlan_obj_t station = { { &network_wlan_type }, MOD_NETWORK_STA_IF };
static const wlan_obj_t access_point = { { &network_wlan_type }, MOD_NETWORK_AP_IF };

static struct {
    char name[SSID_MAX + 1];
    uint8_t fate;
} ssid;

// What becomes of connect(), so that a program can be tried with a network that
// cannot be joined: a status, or WLAN_STAT_GOT_IP.
static int fate_of(const char *name, const char *key) {
    static const struct {
        const char *name;
        uint8_t status;
    } fates[] = {
        { "absent", WLAN_STAT_NO_AP_FOUND },
        { "full", WLAN_STAT_CONNECT_FAIL },
        { "silent", WLAN_STAT_CONNECTING },     // it gives no address
    };
    for (size_t i = 0; i < MP_ARRAY_SIZE(fates); ++i) {
        if (strcmp(name, fates[i].name) == 0) {
            return fates[i].status;
        }
    }
    return strcmp(key, "wrong") == 0 ? WLAN_STAT_WRONG_PASSWORD : WLAN_STAT_GOT_IP;
}

static void require_station(mp_obj_t self_in) {
    const wlan_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->interface != MOD_NETWORK_STA_IF) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("STA required"));
    }
}

// network.WLAN(interface_id=STA_IF)
static mp_obj_t wlan_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    mp_int_t interface = n_args == 0 ? MOD_NETWORK_STA_IF : mp_obj_get_int(args[0]);
    if (interface != MOD_NETWORK_STA_IF && interface != MOD_NETWORK_AP_IF) {
        mp_raise_ValueError(NULL);
    }
    return MP_OBJ_FROM_PTR(interface == MOD_NETWORK_STA_IF ? &station : &access_point);
}

// wlan.active([is_active])
static mp_obj_t wlan_active(size_t n_args, const mp_obj_t *args) {
    const wlan_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    bool is_station = self->interface == MOD_NETWORK_STA_IF;
    if (n_args == 1) {
        return mp_obj_new_bool(is_station && netif_is_up(&netif_ethernet));
    }
    bool active = mp_obj_is_true(args[1]);
    if (!is_station) {
        if (active) {
            mp_raise_OSError(MP_ENODEV);
        }
    } else if (!active) {
        netif_disconnect();
    } else if (!netif_is_up(&netif_ethernet)) {
        netif_set_up(&netif_ethernet);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_active_obj, 1, 2, wlan_active);

// wlan.connect(ssid=None, key=None, *, bssid=None): asks for an address.
static mp_obj_t wlan_connect(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_ssid, ARG_key, ARG_bssid };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_ssid, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_key, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_bssid, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    require_station(pos_args[0]);
    if (args[ARG_ssid].u_obj != mp_const_none) {
        size_t length;
        const char *name = mp_obj_str_get_data(args[ARG_ssid].u_obj, &length);
        if (length > SSID_MAX) {
            mp_raise_ValueError(MP_ERROR_TEXT("SSID too long"));
        }
        memcpy(ssid.name, name, length);
        ssid.name[length] = '\0';
    }
    const char *key = "";
    if (args[ARG_key].u_obj != mp_const_none) {
        key = mp_obj_str_get_str(args[ARG_key].u_obj);
    }
    ssid.fate = fate_of(ssid.name, key);
    if (ssid.fate == WLAN_STAT_GOT_IP) {
        netif_connect();
    } else {
        netif_disconnect();
        netif_set_up(&netif_ethernet);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_connect_obj, 1, wlan_connect);

static mp_obj_t wlan_disconnect(mp_obj_t self_in) {
    require_station(self_in);
    ssid.fate = WLAN_STAT_IDLE;
    netif_disconnect();
    netif_set_up(&netif_ethernet);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_disconnect_obj, wlan_disconnect);

static mp_obj_t wlan_isconnected(mp_obj_t self_in) {
    const wlan_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(self->interface == MOD_NETWORK_STA_IF && netif_has_address());
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_isconnected_obj, wlan_isconnected);

// wlan.scan(): there is nothing to be found.
static mp_obj_t wlan_scan(mp_obj_t self_in) {
    require_station(self_in);
    return mp_obj_new_list(0, NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_scan_obj, wlan_scan);

// wlan.status(['rssi'])
static mp_obj_t wlan_status(size_t n_args, const mp_obj_t *args) {
    require_station(args[0]);
    if (n_args == 2) {
        if (mp_obj_str_get_qstr(args[1]) != MP_QSTR_rssi) {
            mp_raise_ValueError(MP_ERROR_TEXT("unknown status param"));
        }
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    int status = WLAN_STAT_IDLE;
    if (netif_has_address()) {
        status = WLAN_STAT_GOT_IP;
    } else if (netif_is_connecting()) {
        status = WLAN_STAT_CONNECTING;
    } else if (ssid.fate != WLAN_STAT_GOT_IP) {
        status = ssid.fate;
    }
    return MP_OBJ_NEW_SMALL_INT(status);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_status_obj, 1, 2, wlan_status);

// wlan.ifconfig(): (address, netmask, gateway, DNS server), wlan.ifconfig('dhcp')
// or wlan.ifconfig((address, netmask, gateway, DNS server)).
static mp_obj_t wlan_ifconfig(size_t n_args, const mp_obj_t *args) {
    require_station(args[0]);
    return mod_network_nic_ifconfig(&netif_ethernet, n_args - 1, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_ifconfig_obj, 1, 2, wlan_ifconfig);

// wlan.ipconfig('addr4') and so on.
static mp_obj_t wlan_ipconfig(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    require_station(args[0]);
    return mod_network_nic_ipconfig(&netif_ethernet, n_args - 1, args + 1, kwargs);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_ipconfig_obj, 1, wlan_ipconfig);

// wlan.config('mac' | 'ssid' | 'essid' | 'channel' | 'hostname'), or
// wlan.config(hostname=...). What only a radio could do is taken and ignored.
static mp_obj_t wlan_config(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    if (n_args != 1 && kwargs->used != 0) {
        mp_raise_TypeError(MP_ERROR_TEXT("either pos or kw args are allowed"));
    }
    if (kwargs->used != 0) {
        for (size_t i = 0; i < kwargs->alloc; ++i) {
            if (!mp_map_slot_is_filled(kwargs, i)) {
                continue;
            }
            switch (mp_obj_str_get_qstr(kwargs->table[i].key)) {
                case MP_QSTR_hostname:
                case MP_QSTR_dhcp_hostname:
                    mod_network_hostname(1, &kwargs->table[i].value);
                    break;
                case MP_QSTR_channel:
                case MP_QSTR_essid:
                case MP_QSTR_ssid:
                case MP_QSTR_key:
                case MP_QSTR_password:
                case MP_QSTR_security:
                case MP_QSTR_authmode:
                case MP_QSTR_hidden:
                case MP_QSTR_txpower:
                case MP_QSTR_pm:
                    break;
                default:
                    mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
            }
        }
        return mp_const_none;
    }
    if (n_args != 2) {
        mp_raise_TypeError(MP_ERROR_TEXT("can query only one param"));
    }
    switch (mp_obj_str_get_qstr(args[1])) {
        case MP_QSTR_mac:
            return mp_obj_new_bytes(netif_mac, sizeof(netif_mac));
        case MP_QSTR_ssid:
        case MP_QSTR_essid:
            return mp_obj_new_str_from_cstr(ssid.name);
        case MP_QSTR_channel:
            return MP_OBJ_NEW_SMALL_INT(1);
        case MP_QSTR_hostname:
        case MP_QSTR_dhcp_hostname:
            return mod_network_hostname(0, NULL);
        default:
            mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
    }
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_config_obj, 1, wlan_config);

static const mp_rom_map_elem_t wlan_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_active), MP_ROM_PTR(&wlan_active_obj) },
    { MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&wlan_connect_obj) },
    { MP_ROM_QSTR(MP_QSTR_disconnect), MP_ROM_PTR(&wlan_disconnect_obj) },
    { MP_ROM_QSTR(MP_QSTR_status), MP_ROM_PTR(&wlan_status_obj) },
    { MP_ROM_QSTR(MP_QSTR_scan), MP_ROM_PTR(&wlan_scan_obj) },
    { MP_ROM_QSTR(MP_QSTR_isconnected), MP_ROM_PTR(&wlan_isconnected_obj) },
    { MP_ROM_QSTR(MP_QSTR_config), MP_ROM_PTR(&wlan_config_obj) },
    { MP_ROM_QSTR(MP_QSTR_ifconfig), MP_ROM_PTR(&wlan_ifconfig_obj) },
    { MP_ROM_QSTR(MP_QSTR_ipconfig), MP_ROM_PTR(&wlan_ipconfig_obj) },

    { MP_ROM_QSTR(MP_QSTR_IF_STA), MP_ROM_INT(MOD_NETWORK_STA_IF) },
    { MP_ROM_QSTR(MP_QSTR_IF_AP), MP_ROM_INT(MOD_NETWORK_AP_IF) },
    { MP_ROM_QSTR(MP_QSTR_SEC_OPEN), MP_ROM_INT(WLAN_AUTH_OPEN) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WEP), MP_ROM_INT(WLAN_AUTH_WEP) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WPA), MP_ROM_INT(WLAN_AUTH_WPA_PSK) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WPA2), MP_ROM_INT(WLAN_AUTH_WPA2_PSK) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WPA_WPA2), MP_ROM_INT(WLAN_AUTH_WPA_WPA2_PSK) },
};
static MP_DEFINE_CONST_DICT(wlan_locals, wlan_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    network_wlan_type,
    MP_QSTR_WLAN,
    MP_TYPE_FLAG_NONE,
    make_new, wlan_make_new,
    locals_dict, &wlan_locals
    );
