using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace AudioStudio.Accounts;

/// <summary>
/// Maps the endpoint <c>POST /studio/keep</c>, which turns a guest into an account with an e-mail address and a password. A guest is an
/// account that the page registers with a random address and a random password, so that a first visit needs no form.
/// </summary>
/// <remarks>The user keeps the user id, and therefore the credits and the files. The current session and its tokens stay valid.</remarks>
internal static class GuestEndpoints
{
    /// <summary>The domain of guests. No e-mail address has a domain below <c>.invalid</c> (RFC 2606, section 2).</summary>
    private const string GuestDomain = "@guest.invalid";

    private const int MaxEmailLength = 256;

    private const int MaxPasswordLength = 128;

    public static void MapGuests(this IEndpointRouteBuilder accounts) =>
        accounts.MapPost("/studio/keep", KeepAsync).RequireAuthorization();

    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> KeepAsync(
        KeepRequest request, ClaimsPrincipal principal, UserManager<StudioUser> users)
    {
        var invalid = Check("e-mail address", request.Email, MaxEmailLength, "InvalidEmail", "InvalidEmail")
            ?? Check("password", request.Password, MaxPasswordLength, "PasswordTooShort", "PasswordTooLong");
        if (invalid is not null)
        {
            return invalid;
        }

        var (email, password) = (request.Email!.Trim(), request.Password!);
        if (IsGuest(email))
        {
            return Invalid("InvalidEmail", "Choose an e-mail address of your own.");
        }

        if (await users.GetUserAsync(principal) is not { } user)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized);
        }

        if (!IsGuest(user.Email))
        {
            return await IsRepeatAsync() ? TypedResults.NoContent() : NotAGuest();
        }

        foreach (var validator in users.PasswordValidators)
        {
            if (await validator.ValidateAsync(users, user, password) is { Succeeded: false } weak)
            {
                return Invalid(weak);
            }
        }

        // The password hash is set directly. The methods of UserManager would change the security stamp, which would end the current
        // session.
        user.UserName = email;
        user.Email = email;
        user.PasswordHash = users.PasswordHasher.HashPassword(user, password);
        return await users.UpdateAsync(user) is { Succeeded: false } failure ? Invalid(failure) : TypedResults.NoContent();

        // If the first response was lost, the repeated request finds that the guest already has this account. A wrong password counts
        // towards the lockout, as at a sign-in.
        async Task<bool> IsRepeatAsync()
        {
            if (!string.Equals(user.Email, email, StringComparison.OrdinalIgnoreCase) || await users.IsLockedOutAsync(user))
            {
                return false;
            }

            var isSame = await users.CheckPasswordAsync(user, password);
            await (isSame ? users.ResetAccessFailedCountAsync(user) : users.AccessFailedAsync(user));
            return isSame;
        }
    }

    private static bool IsGuest(string? email) => email?.EndsWith(GuestDomain, StringComparison.OrdinalIgnoreCase) == true;

    private static ValidationProblem? Check(string what, string? value, int most, string missingCode, string longCode) =>
        string.IsNullOrWhiteSpace(value) ? Invalid(missingCode, $"The {what} is missing.")
        : value.Length > most ? Invalid(longCode, $"The {what} has more than {most} characters.")
        : null;

    private static ProblemHttpResult NotAGuest() => TypedResults.Problem(
        detail: "This account already has an e-mail address and a password.",
        statusCode: StatusCodes.Status409Conflict,
        extensions: new Dictionary<string, object?> { ["code"] = "not_a_guest" });

    private static ValidationProblem Invalid(string code, string sentence) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [code] = [sentence] });

    private static ValidationProblem Invalid(IdentityResult result) => TypedResults.ValidationProblem(
        result.Errors.GroupBy(static error => error.Code)
            .ToDictionary(static errors => errors.Key, static errors => errors.Select(static error => error.Description).ToArray()));
}
