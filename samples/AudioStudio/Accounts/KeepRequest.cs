namespace AudioStudio.Accounts;

/// <param name="Email">The new e-mail address of the account: at most 256 characters.</param>
/// <param name="Password">The new password of the account: 8 to 128 characters.</param>
internal sealed record KeepRequest(string? Email, string? Password);
