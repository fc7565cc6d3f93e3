// SPDX-License-Identifier: MIT

import Glibc
import Unix

/// Gives a new file to the owner of the directory that it is in: what root makes beside a service, the service
/// can use.
///
/// `number`: one that we made, under a name that was nobody's; of another's file this would be a gift to thieves.
/// Nobody but root can give anything away; for others this is nothing.
func adopt(_ number: Int32, in directory: String) {
    guard geteuid() == 0, let place = try? Descriptor.open(directory, O_RDONLY | O_DIRECTORY),
        let standing = try? Standing(of: place.number)
    else { return }
    _ = fchown(number, standing.owner, standing.group)
    _ = fchmod(number, 0o640)
}
