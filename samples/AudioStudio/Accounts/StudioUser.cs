using Microsoft.AspNetCore.Identity;

namespace AudioStudio.Accounts;

internal sealed class StudioUser : IdentityUser;
