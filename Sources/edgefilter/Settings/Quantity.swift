// SPDX-License-Identifier: MIT

/// Sizes and times: a decimal number and a unit, without a fraction.
struct Quantity {
    private struct Unit {
        let name: String
        let factor: Int
    }

    private let units: [Unit]

    /// Bytes: B KiB MiB GiB.
    static let size = Quantity(units: [
        Unit(name: "GiB", factor: 1 << 30), Unit(name: "MiB", factor: 1 << 20),
        Unit(name: "KiB", factor: 1 << 10),
        Unit(name: "B", factor: 1),
    ])

    /// Milliseconds: ms s m h d.
    static let time = Quantity(units: [
        Unit(name: "d", factor: 86_400_000), Unit(name: "h", factor: 3_600_000),
        Unit(name: "m", factor: 60_000),
        Unit(name: "s", factor: 1000), Unit(name: "ms", factor: 1),
    ])

    /// Reads `32MiB`, or `0` without a unit; nil: not of that form, or too large.
    func read(_ text: String) -> Int? {
        let digits = text.utf8.prefix(while: isDigit)
        guard let number = decimal(String(digits) ?? "") else { return nil }
        let name = String(text.utf8.dropFirst(digits.count)) ?? ""
        if name.isEmpty { return number == 0 ? 0 : nil }
        guard let unit = units.first(where: { $0.name == name }) else { return nil }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: unit.factor)
        return isTooLarge ? nil : product
    }

    /// The shortest text that reads as that number.
    func text(_ number: Int) -> String {
        guard number != 0, let unit = units.first(where: { number % $0.factor == 0 }) else {
            return "\(number)"
        }
        return "\(number / unit.factor)\(unit.name)"
    }
}
