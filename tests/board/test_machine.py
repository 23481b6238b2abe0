# SPDX-License-Identifier: MIT
"""The machine, network and time modules of the emulated board."""

import re
import subprocess

import pytest
from board import emulator
from board.terminal import PROMPT

from firmware import table

pytestmark = pytest.mark.usefixtures("emulated")


def reset(terminal, how="machine.reset()"):
    terminal.send(f"import machine; {how}\r")
    terminal.read_until(f"{how}\r\n")
    terminal.read_until(PROMPT, timeout=20)


def test_unique_id(terminal):
    assert terminal.execute("import machine; machine.unique_id()") == "b'V4\\x12\\x00'\n"


def test_reset_causes(terminal):
    reset(terminal)
    line = "import machine; machine.reset_cause() == machine.SOFT_RESET"
    assert terminal.execute(line) == "True\n"
    reset(terminal, "machine.deepsleep(10)")
    line = "import machine; machine.reset_cause() == machine.DEEPSLEEP_RESET"
    assert terminal.execute(line) == "True\n"


def test_fault_is_reported_and_restarts(terminal):
    """A store to an address where nothing is."""
    terminal.send("import machine; machine.mem32[0x10] = 0\r")
    text = terminal.read_until(PROMPT, timeout=20)
    assert "Fatal exception cause=" in text
    assert "excvaddr=00000010" in text
    assert "Restarting." in text
    assert terminal.execute("1 + 1") == "2\n"


def test_rtc(terminal):
    printed, error = terminal.raw(
        """
        import machine, time
        rtc = machine.RTC()
        rtc.datetime((2026, 3, 4, 2, 5, 6, 7, 0))
        time.sleep_ms(1100)
        print(rtc.datetime()[:7], time.localtime()[:6], rtc.datetime()[7] < 1000000)
        print(time.time(), time.time_ns() // 1000000000 - time.time())
        rtc.memory(b'\\x00data')
        """
    )
    assert error == ""
    assert printed == ("(2026, 3, 4, 2, 5, 6, 8) (2026, 3, 4, 5, 6, 8) True\n825915968 0\n")
    reset(terminal)
    line = "import machine; r = machine.RTC(); (r.datetime()[:5], r.memory())"
    assert terminal.execute(line) == "((2026, 3, 4, 2, 5), b'\\x00data')\n"


def test_time_passes_evenly(terminal):
    printed, error = terminal.raw(
        """
        import time
        start = time.ticks_us(), time.ticks_ms()
        for pause in (1, 7, 40, 60, 130):
            before = time.ticks_us()
            time.sleep_ms(pause)
            took = time.ticks_diff(time.ticks_us(), before)
            print(took >= pause * 1000)
        us = time.ticks_diff(time.ticks_us(), start[0])
        ms = time.ticks_diff(time.ticks_ms(), start[1])
        print(abs(us // 1000 - ms) <= 2)
        before = time.ticks_us()
        time.sleep_us(150)
        print(time.ticks_diff(time.ticks_us(), before) >= 150)
        """
    )
    assert (printed, error) == ("True\n" * 7, "")


def test_timer(terminal):
    printed, error = terminal.raw(
        """
        import time
        from machine import Timer
        ticks = []
        t = Timer(-1)
        start = time.ticks_ms()
        t.init(period=20, mode=Timer.PERIODIC, callback=lambda t: ticks.append(time.ticks_ms()))
        while len(ticks) < 6:
            time.sleep_ms(5)
        t.deinit()
        # A late tick may be followed by an early one, but none comes before its time.
        print(all(time.ticks_diff(tick, start) >= 20 * (n + 1) for n, tick in enumerate(ticks)))
        count = len(ticks)
        time.sleep_ms(60)
        print(len(ticks) == count)
        Timer(-1, period=5, mode=Timer.ONE_SHOT, callback=lambda t: print('once'))
        time.sleep_ms(100)
        """
    )
    assert (printed, error) == ("True\nTrue\nonce\n", "")


def test_timer_interrupts_a_loop(terminal):
    printed, error = terminal.raw(
        """
        from machine import Timer
        called = False
        def call(t):
            global called
            called = True
        Timer(-1, period=5, mode=Timer.ONE_SHOT, callback=call)
        while not called:
            pass
        print('interrupted')
        """
    )
    assert (printed, error) == ("interrupted\n", "")


def test_pin(terminal):
    printed, error = terminal.raw(
        """
        from machine import Pin, Signal, mem32
        GPIO_OUT, GPIO_ENABLE, GPIO_IN = 0x60000300, 0x6000030c, 0x60000318
        p = Pin(2, Pin.OUT, value=1)
        print(p, p(), p.value(), hex(mem32[GPIO_OUT]), hex(mem32[GPIO_ENABLE]))
        p.off(); print(p.value(), end=' ')
        p.on(); print(p.value(), end=' ')
        p.toggle(); print(p.value(), end=' ')
        p(True); print(p.value(), end=' ')
        print(Pin(2).value(), Pin(p) is p)
        s = Signal(2, Pin.OUT, invert=True)
        s.on(); print(p.value(), s.value())
        button = Pin(4, Pin.IN, Pin.PULL_UP)
        print(button.value(), end=' ')
        mem32[GPIO_IN] &= ~(1 << 4)
        print(button.value())
        for bad in (lambda: Pin(6), lambda: Pin(17), lambda: Pin(-1), lambda: Pin(1, 7)):
            try:
                bad()
            except ValueError as error:
                print(error)
        """
    )
    assert error == ""
    assert printed.splitlines() == [
        "Pin(2) 1 1 0x4 0x4",
        "0 1 0 1 1 True",
        "0 1",
        "1 0",
        "invalid pin",
        "invalid pin",
        "invalid pin",
        "invalid pin mode",
    ]


def test_pin_irq(terminal):
    printed, error = terminal.raw(
        """
        from machine import Pin
        import time
        seen = []
        p = Pin(5, Pin.OUT, value=0)
        p.irq(lambda pin: seen.append((pin, pin.value())), Pin.IRQ_RISING)
        for level in (1, 0, 1, 1):
            p(level)
            time.sleep_ms(1)
        print(seen)
        p.irq(None)
        p(0); p(1)
        time.sleep_ms(1)
        print(len(seen))
        """
    )
    assert (printed, error) == ("[(Pin(5), 1), (Pin(5), 1)]\n2\n", "")


def test_names(terminal):
    printed, error = terminal.raw(
        """
        import os, sys
        print(sys.platform)
        print(os.uname().machine)
        print(sys.implementation._machine == os.uname().machine)
        """
    )
    name = f"TinyWeb v{table.version()} QEMU lx60 with ESP8266 core (lx106)"
    assert (printed, error) == (f"esp8266\n{name}\nTrue\n", "")


def test_no_https(terminal):
    _, error = terminal.raw("from tinyweb import tls; tls.context('c.pem', 'k.pem')")
    assert "NotImplementedError: no HTTPS on the ESP8266: " in error


def test_banner_has_the_version_and_the_boards_name(terminal):
    machine = terminal.execute("import sys; print(sys.implementation._machine)").strip()
    assert f"; {machine}\r\n" in terminal.soft_reset()


def test_readme_network_lines(terminal):
    """The lines that the README has a user type, with a network that does not exist."""
    assert terminal.execute("from tinyweb import wifi") == ""
    assert terminal.execute("wifi.join('<ssid>', '<password>')") == "'10.0.2.15'\n"
    assert terminal.execute("import network") == ""
    assert terminal.execute("network.WLAN().config('essid')") == "'<ssid>'\n"


def test_station(terminal):
    printed, error = terminal.raw(
        """
        import network, time
        sta = network.WLAN(network.WLAN.IF_STA)
        def wait():
            for _ in range(100):
                if sta.isconnected():
                    return
                time.sleep_ms(100)
        wait()
        print(sta.isconnected(), sta.status() == network.STAT_GOT_IP)
        print(sta.ifconfig())
        sta.disconnect()
        print(sta.active(), sta.isconnected(), sta.status() == network.STAT_IDLE)
        sta.active(False)
        print(sta.active(), sta.ifconfig()[0])
        sta.active(True)
        sta.connect('any', 'key')
        print(sta.status() == network.STAT_CONNECTING)
        wait()
        print(sta.isconnected(), sta.ipconfig('addr4'), sta.ipconfig('gw4'))
        sta.ifconfig(('10.0.2.77', '255.255.255.0', '10.0.2.2', '10.0.2.3'))
        print(sta.isconnected(), sta.ifconfig())
        sta.ifconfig('dhcp')
        print(sta.ifconfig()[0])
        print(sta.config('mac'), network.hostname())
        """
    )
    assert error == ""
    assert printed.splitlines() == [
        "True True",
        "('10.0.2.15', '255.255.255.0', '10.0.2.2', '10.0.2.3')",
        "True False True",
        "False 0.0.0.0",
        "True",
        "True ('10.0.2.15', '255.255.255.0') 10.0.2.2",
        "True ('10.0.2.77', '255.255.255.0', '10.0.2.2', '10.0.2.3')",
        "10.0.2.15",
        "b'RT\\x00\\x124V' mpy-esp8266",
    ]


def test_access_point_is_off_until_it_is_switched_on(terminal):
    printed, error = terminal.raw(
        """
        import network
        ap = network.WLAN(network.AP_IF)
        print(ap.active(), ap.isconnected(), ap.ifconfig()[0])
        ap.active(True)
        print(ap.active(), ap.ifconfig()[0])
        ap.active(False)
        print(ap.active(), ap.ifconfig()[0])
        """
    )
    assert error == ""
    assert printed.splitlines() == ["False False 0.0.0.0", "True 192.168.4.1", "False 0.0.0.0"]


def test_collector_sees_pointers_into_objects():
    """GCC 13 leaves no other to what mp_make_function_from_proto_fun() reads after an allocation.

    The linker keeps the function that finds them only where gc_collect() calls it.
    """
    command = ["xtensa-lx106-elf-nm", emulator.build()]
    symbols = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(r" [Tt] __wrap_gc_collect_root$", symbols, re.M)
