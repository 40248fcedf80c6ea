namespace AudioStudio.Accounts;

/// <param name="Email">The e-mail address of the account from now on. At most 256 characters.</param>
/// <param name="Password">The password of the account from now on. 8 to 128 characters.</param>
internal sealed record KeepRequest(string? Email, string? Password);
